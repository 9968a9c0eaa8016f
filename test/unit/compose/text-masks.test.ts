import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { lineHeight, renderText } from '../../../src/pipeline/compose/text-mask.ts';
import { TextMasks } from '../../../src/pipeline/compose/text-masks.ts';

const SIZE = 12;

function masks(): TextMasks {
  return new TextMasks(pino({ level: 'silent' }));
}

test('a text is asked for first and there later', async () => {
  const texts = masks();
  assert.equal(texts.get('car', SIZE), undefined);
  await texts.prepare('car', SIZE);
  assert.ok(texts.get('car', SIZE)!.width > SIZE);
  assert.equal(texts.get('car', 2 * SIZE), undefined);
});

for (const [script, text] of [['Latin', 'person'], ['Chinese', '行人'], ['Cyrillic', 'человек'], ['no font', '\u{E123}']] as const) {
  test(`a text has ink, in ${script} too`, async () => {
    const { width, height, alpha } = await renderText(text, 24);
    assert.equal(height, lineHeight(24));
    assert.equal(alpha.length, width * height);
    assert.ok(alpha.some((value) => value > 200));
  });
}

test('different characters have different masks', async () => {
  const [one, other] = await Promise.all([renderText('车', 24), renderText('人', 24)]);
  assert.ok(!one.alpha.equals(other.alpha));
});

test('scores are equally wide, whatever their digits', async () => {
  const texts = masks();
  await texts.prepareScores(SIZE);
  const widthOf = (share: number): number => texts.percent(share, SIZE)!.reduce((sum, { width }) => sum + width, 0);
  assert.equal(widthOf(0.11), widthOf(0.88));
  assert.equal(texts.percent(1.7, SIZE)!.length, '100%'.length);
  assert.equal(texts.percent(-3, SIZE)!.length, '0%'.length);
});

test('of texts that are too many, those in use are kept', async () => {
  const texts = masks();
  await texts.prepare('car', SIZE);
  for (let i = 0; i < 600; i++) {
    await texts.prepare(`label ${i}`, SIZE);
    assert.ok(texts.get('car', SIZE) !== undefined);
  }
  assert.equal(texts.get('label 0', SIZE), undefined);
});

test('of a flood of texts only some are rendered', async () => {
  const texts = masks();
  const flood = Array.from({ length: 10_000 }, (_, i) => `label ${i}`);
  for (const text of flood) texts.get(text, SIZE);
  await texts.prepare('last', SIZE);
  const ready = flood.filter((text) => texts.get(text, SIZE) !== undefined).length;
  assert.ok(ready > 0 && ready <= 200, `${ready} of them`);
});

test('a text that can’t be rendered is logged, and empty from then on', async () => {
  const lines: string[] = [];
  const texts = new TextMasks(pino({}, { write: (line) => void lines.push(line) }));
  await texts.prepare('x', Number.NaN);
  assert.equal(texts.get('x', Number.NaN)!.width, 0);
  assert.match(lines.join(''), /could not be rendered/);
});

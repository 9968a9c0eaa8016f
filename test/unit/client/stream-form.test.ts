import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DetectorView, ModelView, StreamView } from '../../../client/src/api/api.ts';
import { check, choicesOf, errorsOf, formOf, requestOf, suggestId } from '../../../client/src/elements/dialog/stream-form.ts';

const IN_PLACE = { name: 'cars', model: 'yolox-nano', classes: ['car'], threshold: 0.6 };

const OVERLAY: StreamView['overlay'] = { boxes: true, style: 'box', labels: true, scores: true, trails: false, counts: false, heatmap: false, zones: true, language: 'both', names: { car: '汽车' }, colors: {} };
const PRIVACY: StreamView['privacy'] = { classes: ['face'], style: 'pixelate', margin: 0.2, holdMs: 900 };

function view(changes: Partial<StreamView> = {}): StreamView {
  return { id: 'gate', title: 'Gate', source: { kind: 'demo', url: 'demo://street' }, detectors: ['people', IN_PLACE], sync: 'predict', deadlineMs: 100, merge: 'union', mergeIou: 0.55, overlay: OVERLAY, privacy: PRIVACY, ...changes } as StreamView;
}

describe('what is asked of the server', () => {
  test('leaves everything to it that nobody chose', () => {
    assert.deepEqual(requestOf({ ...formOf(), source: ' demo://street ', id: ' street ' }), { id: 'street', source: 'demo://street', sync: 'exact' });
  });

  test('says so when there shall be no detectors', () => {
    assert.deepEqual(requestOf({ ...formOf(), source: 'demo://street', id: 's', detection: 'none', detectors: ['people'] }).detectors, []);
  });

  test('is nothing where nothing was changed', () => {
    assert.deepEqual(requestOf(formOf(view()), view()), {});
    const plain = view({ title: 'gate', detectors: [] });
    assert.deepEqual(requestOf(formOf(plain), plain), {});
  });

  test('keeps the settings of detectors in place when a stream is changed', () => {
    const form = formOf(view());
    assert.deepEqual(form.detectors, ['people', 'cars']);
    assert.deepEqual(requestOf({ ...form, detectors: ['cars', 'faces'] }, view()), { detectors: [IN_PLACE, 'faces'] });
  });

  test('takes fields of a stream back to their defaults', () => {
    assert.deepEqual(requestOf({ ...formOf(view()), title: ' ', detection: 'default' }, view()), { title: null, detectors: null });
  });

  test('takes a title for none that only repeats the identifier', () => {
    assert.equal(formOf(view({ title: 'gate' })).title, '');
  });
});

describe('what is wrong', () => {
  test('is found without the server where that is possible', () => {
    const form = { ...formOf(), source: ' ', id: '-x', detection: 'some' as const };
    assert.deepEqual(Object.keys(check(form)).sort(), ['detectors', 'id', 'source']);
    assert.deepEqual(check({ ...form, source: 'demo://street', id: 'x-1', detectors: ['people'] }), {});
  });

  test('stands at the field that the server names by its path', () => {
    const errors = [
      { path: 'detectors[0].model', message: 'There is no model “x”.' },
      { path: 'detectors[1]', message: 'Twice.' },
      { path: 'source', message: 'No such scheme.' },
      { path: 'idle', message: 'Is about something else.' },
    ];
    assert.deepEqual(errorsOf({ code: 'invalid-request', errors }), { detectors: { text: 'There is no model “x”.' }, source: { text: 'No such scheme.' } });
  });

  test('is the identifier where there is such a stream already', () => {
    assert.deepEqual(errorsOf({ code: 'stream-exists', errors: [] }), { id: { key: 'dialog.idTaken' } });
  });

  test('is no field where the refusal is about none', () => {
    assert.deepEqual(errorsOf({ code: 'too-many-streams', errors: [] }), {});
  });
});

test('what works is offered first, and what a stream has is always offered', () => {
  const origin = 'api';
  const stats = { workers: 0, fps: 0, roundTripMs: 0, lost: 0 };
  const detectors: DetectorView[] = [
    { name: 'a', model: 'a', origin },
    { name: 'b', model: 'm', origin },
    { name: 'c', origin },
    { name: 'away', origin, stats: { ...stats, state: 'waiting' } },
    { name: 'here', origin, stats: { ...stats, state: 'ready' } },
  ];
  const models: ModelView[] = [{ name: 'a', origin: 'bundled', state: 'not-downloaded' }, { name: 'm', origin: 'added', state: 'ready' }];
  assert.deepEqual(choicesOf(detectors, models, ['own', 'b']), [
    { name: 'own', trouble: undefined },
    { name: 'b', trouble: undefined },
    { name: 'c', trouble: undefined },
    { name: 'here', trouble: undefined },
    { name: 'a', trouble: 'not-downloaded' },
    { name: 'away', trouble: 'waiting' },
  ]);
});

describe('an identifier suggested by an address', () => {
  for (const [source, id] of [
    ['demo://street?seed=7', 'street'],
    ['/media/North Gate (2).MP4', 'north-gate-2'],
    ['file:///media/%C3%89cole.mkv', 'ecole'],
    ['file:///media/%E0%A4%A.mp4', 'e0-a4-a'],
    ['/media/门口.mp4', ''],
    ['/media/' + 'x'.repeat(80), 'x'.repeat(40)],
    ['', ''],
  ] as const) {
    test(`${source.slice(0, 40) || 'nothing'} gives ${id.slice(0, 12) || 'nothing'}`, () => assert.equal(suggestId(source), id));
  }

  test('gets a number where it is taken', () => {
    assert.equal(suggestId('demo://street', ['street', 'street-2']), 'street-3');
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applicationEn } from '../../../client/src/i18n/application/en.ts';
import { applicationZhCN } from '../../../client/src/i18n/application/zh-CN.ts';
import { cleanVariantText } from '../../../client/src/i18n/clean-variant.ts';
import { en } from '../../../client/src/i18n/en.ts';
import { addMessages, bestLanguage, formatBitrate, formatNumber, translate } from '../../../client/src/i18n/format.ts';
import type { Message } from '../../../client/src/i18n/message.ts';
import { problemText } from '../../../client/src/i18n/problems.ts';
import { zhCN } from '../../../client/src/i18n/zh-CN.ts';
import { TranscodeReason } from '../../../src/pipeline/passthrough/transcode-reason.ts';

const ALL: Readonly<Record<string, Message>> = { ...en, ...applicationEn };
const ALL_ZH: Readonly<Record<string, Message>> = { ...zhCN, ...applicationZhCN };
const KEYS = Object.keys(ALL);

function texts(message: Message): string[] {
  return typeof message === 'string' ? [message] : Object.values(message);
}

function parameters(message: Message): string[] {
  return [...new Set(texts(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();
}

describe('languages', () => {
  test('have the same texts with the same parameters', () => {
    assert.deepEqual(Object.keys(zhCN), Object.keys(en));
    assert.deepEqual(Object.keys(applicationZhCN), Object.keys(applicationEn));
    for (const key of KEYS) assert.deepEqual(parameters(ALL_ZH[key]!), parameters(ALL[key]!), key);
  });

  test('have no text that was left in English', () => {
    const same = KEYS.filter((key) => texts(ALL_ZH[key]!).some((text) => /[a-z]{3}/i.test(text) && texts(ALL[key]!).includes(text)));
    assert.deepEqual(same, ['player.key.escape']);
  });

  test('have the texts of the application’s forms once it has added them', () => {
    assert.equal(Object.keys(en).some((key) => key in applicationEn), false);
    addMessages({ en: applicationEn, 'zh-CN': applicationZhCN });
    assert.equal(translate('en', 'dialog.save'), 'Save');
    assert.equal(translate('zh-CN', 'dialog.edit', { title: 'x' }), '编辑“x”');
  });

  test('have plurals', () => {
    assert.equal(translate('en', 'card.viewers', { count: 1 }), '1 viewer');
    assert.equal(translate('en', 'card.viewers', { count: 0 }), '0 viewers');
    assert.equal(translate('zh-CN', 'card.viewers', { count: 1 }), '1 人观看');
  });

  test('write numbers their own way', () => {
    assert.equal(translate('en', 'card.viewers', { count: 12_345 }), '12,345 viewers');
    assert.equal(formatNumber('en', 1.25), '1.3');
    assert.equal(formatBitrate('en', 2_764_800), '2.76 Mbit/s');
    assert.equal(formatBitrate('zh-CN', 640_000), '640 kbit/s');
  });

  test('leave a parameter visible that nobody gave', () => {
    assert.equal(translate('en', 'card.watch'), 'Watch {title}');
  });
});

describe('what is wrong with a source', () => {
  const missing = { code: 'source-not-found', message: 'There is no file x.' };

  test('is said in the server’s words to those who read them', () => {
    assert.equal(problemText('en', missing), 'There is no file x.');
  });

  test('is said in the language of others where it is known, else in the server’s words', () => {
    assert.equal(problemText('zh-CN', missing), '找不到该文件。');
    assert.equal(problemText('zh-CN', { code: 'never-heard-of', message: 'Something.' }), 'Something.');
  });
});

describe('how the clean variant is made', () => {
  test('is said in every language, for every reason', () => {
    for (const encoded of TranscodeReason.options) {
      assert.match(cleanVariantText('en', { forwarded: false, encoded }) ?? '', /^encoded/);
      assert.match(cleanVariantText('zh-CN', { forwarded: false, encoded }) ?? '', /^重新编码/);
    }
    assert.equal(cleanVariantText('zh-CN', { forwarded: true }), '原样转发');
    assert.equal(cleanVariantText('en', { forwarded: true, codec: 'H264' }), 'H.264 · as the source sends it');
    assert.equal(cleanVariantText('en', { forwarded: false }), undefined);
  });
});

describe('the language of somebody', () => {
  test('is the first of theirs that there is', () => {
    assert.equal(bestLanguage(['de-DE', 'zh-TW', 'en']), 'zh-CN');
    assert.equal(bestLanguage(['en-GB', 'zh']), 'en');
    assert.equal(bestLanguage(['zh-Hans-CN']), 'zh-CN');
  });

  test('is English where there is none of theirs', () => {
    assert.equal(bestLanguage(['fr', 'enm', 'zha']), 'en');
    assert.equal(bestLanguage([]), 'en');
  });
});

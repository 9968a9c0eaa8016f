import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pageOf } from '../../../client/src/elements/pages.ts';
import { liveAddress } from '../../../client/src/live/address.ts';

describe('a player’s src', () => {
  test('is relative to the page', () => {
    assert.deepEqual(liveAddress('/live/gate', 'http://127.0.0.1:8080/watch/x?y#z'), {
      stream: 'gate',
      signaling: 'ws://127.0.0.1:8080/signaling',
      api: 'http://127.0.0.1:8080/api/streams/gate',
      whip: 'http://127.0.0.1:8080/live/gate/whip',
    });
  });

  test('names another server on a foreign page, and is as safe as that one', () => {
    assert.equal(liveAddress('https://cams.example/live/gate/', 'http://elsewhere.example/')?.signaling, 'wss://cams.example/signaling');
  });

  test('carries the token in the query, where sockets can have it', () => {
    assert.equal(liveAddress('/live/gate', 'https://a.example/', 'a b&c')?.signaling, 'wss://a.example/signaling?access_token=a+b%26c');
    assert.equal(liveAddress('/live/gate', 'https://a.example/', '')?.signaling, 'wss://a.example/signaling');
  });

  test('names no stream when it is something else', () => {
    for (const src of ['', '/live/', '/other/gate', '/live/gate/whep', 'http://[']) assert.equal(liveAddress(src, 'http://a.example/'), undefined, src);
  });
});

test('a path of the application is a page of it, or missing', () => {
  assert.deepEqual(pageOf('/'), { name: 'overview' });
  assert.deepEqual(pageOf('/publish'), { name: 'publish' });
  assert.deepEqual(pageOf('/watch/north-gate-2'), { name: 'watch', stream: 'north-gate-2' });
  for (const path of ['/watch/', '/watch/North', '/watch/a/b', '/watch', '/publish/x', '/x']) assert.deepEqual(pageOf(path), { name: 'missing' }, path);
});

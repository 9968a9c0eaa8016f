import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PublishKeys } from '../../../src/rtmp/publish-keys.ts';
import { isApplication, readPublishName } from '../../../src/rtmp/publish-name.ts';

describe('what a publisher asks for', () => {
  for (const [app, name, stream, key] of [
    ['live', 'cam', 'cam', undefined],
    ['live/', '/cam', 'cam', undefined],
    ['live', 'cam?key=secret', 'cam', 'secret'],
    ['live', 'cam?x=1&key=se%2Bcret', 'cam', 'se+cret'],
    ['live/cam', 'secret', 'cam', 'secret'],
    ['live/cam', '?key=secret', 'cam', 'secret'],
    ['live/cam', '', 'cam', undefined],
    ['live?key=secret', 'cam', 'cam', 'secret'],
    ['live', '', '', undefined],
  ] as const) {
    it(`is ${stream} with ${key ?? 'no key'} for “${app}” and “${name}”`, () => {
      assert.ok(isApplication(app));
      assert.deepEqual(readPublishName(app, name), { stream, key });
    });
  }

  it('is of one application', () => {
    assert.deepEqual(['live', 'livestream', 'vod', '', '../live'].map(isApplication), [true, false, false, false, false]);
  });
});

describe('keys', () => {
  const keyOf = (stream: string): string | undefined => (stream === 'door' ? 'key-of-the-door' : undefined);

  it('are not asked for where there are none', () => {
    const keys = new PublishKeys({ token: undefined, keyOf });
    assert.deepEqual([keys.allows('cam', undefined), keys.allows('cam', 'whatever')], [true, true]);
  });

  it('open their stream alone', () => {
    const keys = new PublishKeys({ token: undefined, keyOf });
    assert.deepEqual(['key-of-the-door', 'key-of-the-doo', '', undefined].map((given) => keys.allows('door', given)), [true, false, false, false]);
  });

  it('of the administrator open every stream, and each is asked for one', () => {
    const keys = new PublishKeys({ token: 'token', keyOf });
    assert.deepEqual(['token', 'key-of-the-door', undefined].map((given) => keys.allows('door', given)), [true, true, false]);
    assert.deepEqual(['token', 'key-of-the-door', undefined].map((given) => keys.allows('cam', given)), [true, false, false]);
  });
});

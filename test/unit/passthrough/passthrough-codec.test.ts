import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VideoCodec } from '../../../src/pipeline/media/video-codec.ts';
import { PassthroughCodec } from '../../../src/pipeline/passthrough/passthrough-codec.ts';

function setUp(): { native: PassthroughCodec; told: (VideoCodec | null)[] } {
  const told: (VideoCodec | null)[] = [];
  return { native: new PassthroughCodec((codec) => told.push(codec)), told };
}

describe('the codec in which a source can be sent', () => {
  it('is told with the first picture that can be, and once', () => {
    const { native, told } = setUp();
    native.note({ obstacle: 'awaiting-keyframe' });
    assert.deepEqual([native.known, told], [false, []]);
    for (let n = 0; n < 3; n++) native.note({ codec: 'VP9', units: [] });
    native.note({ obstacle: 'damaged' });
    assert.deepEqual([native.known, told], [true, ['VP9']]);
  });

  it('is none for sources of which nothing is told, and such as can’t be sent', () => {
    for (const coded of [undefined, { obstacle: 'codec' }, { obstacle: 'profile' }, { obstacle: 'b-frames' }, { obstacle: 'reshaped' }] as const) {
      const { native, told } = setUp();
      native.note(coded);
      assert.deepEqual([native.known, told], [true, [null]]);
    }
  });

  it('is found out anew of each source that is opened, and told where it is another', () => {
    const { native, told } = setUp();
    native.note({ codec: 'VP9', units: [] });
    native.reopen();
    assert.equal(native.known, false);
    native.note({ codec: 'VP9', units: [] });
    native.reopen();
    native.note({ codec: 'AV1', units: [] });
    native.note({ obstacle: 'profile' });
    assert.deepEqual(told, ['VP9', 'AV1', null]);
  });
});

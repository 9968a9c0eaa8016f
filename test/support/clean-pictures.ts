import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { VideoCodec } from '../../src/pipeline/media/video-codec.ts';
import { MessageBook } from './annotation-events.ts';
import type { LiveServer } from './live-server.ts';
import { numberIn, type NumberedClip } from './numbered-clip.ts';
import { WhepPictures, type SeenPicture } from './whep-pictures.ts';

/** Pictures in a row that have to be as wanted. */
const ROW = 30;

/**
 * Looks at pictures of a stream that plays a clip, each of which must be the very frame that its message tells of, until so many in a row
 * are as wanted.
 */
export async function comparePictures(server: LiveServer, id: string, { frames }: NumberedClip, viewer: WhepPictures, wanted: (picture: SeenPicture, number: number) => boolean = () => true): Promise<void> {
  await using messages = MessageBook.of(server, id);
  for (let row = 0; row < ROW; ) {
    const [picture] = (await once(viewer, 'picture')) as [SeenPicture];
    const message = await messages.about(picture.rtp);
    if (message === undefined) continue;
    const number = numberIn(picture);
    assert.equal(number, message.seq % frames, `picture ${number} came with the timestamp of frame ${message.seq}`);
    row = wanted(picture, number) ? row + 1 : 0;
  }
}

/** Somebody who comes between two key frames of a clip that has one, its first, and does not have to wait for the next. @param viewer of the same stream */
export async function joinBetweenKeys(server: LiveServer, id: string, viewer: WhepPictures, codec: VideoCodec = 'H264'): Promise<WhepPictures> {
  for (let tries = 1; ; tries += 1) {
    await viewer.sees((picture) => numberIn(picture) === 20);
    const joined = await WhepPictures.open(server.url, id, 'clean', codec);
    if (numberIn(await joined.sees()) !== 0) return joined;
    // Who comes shortly before a key frame is given that one: on a busy machine, coming may take that long.
    await joined[Symbol.asyncDispose]();
    assert.ok(tries < 4, 'who comes later has to wait for a key frame of the source');
  }
}

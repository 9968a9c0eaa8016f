import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Demuxer } from 'node-av/api';
import type { StreamView } from '../../../src/streams/view.ts';
import { comparePictures, joinBetweenKeys } from '../../support/clean-pictures.ts';
import { LiveServer } from '../../support/live-server.ts';
import { CODINGS, numberClip, type NumberedClip } from '../../support/numbered-clip.ts';
import { WhepPictures, type SeenPicture } from '../../support/whep-pictures.ts';

const SIZE = { width: 512, height: 288 };
/** Two seconds with one key frame, at the start. */
const MOVING = ['-f', 'lavfi', '-i', 'testsrc2=size=512x288:rate=25:duration=2'];

describe('the clean variant of what a source sends', { timeout: 180_000 }, () => {
  let folder: string;
  let server: LiveServer;
  const clips = {} as Record<keyof typeof CODINGS, NumberedClip>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-repacked-'));
    server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
    for (const [codec, coding] of Object.entries(CODINGS) as [keyof typeof CODINGS, readonly string[]][]) {
      clips[codec] = await numberClip(MOVING, join(folder, `${codec}.mkv`), { ...SIZE, coding });
      await server.call('POST', '/api/streams', { id: codec.toLowerCase(), source: `file://${clips[codec].path}`, detectors: [] });
    }
    // What the source is made of is known with its first frame.
    for (const codec of Object.keys(CODINGS)) await server.until<StreamView>(codec.toLowerCase(), ({ stats }) => stats.fps > 0);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  for (const codec of Object.keys(CODINGS) as (keyof typeof CODINGS)[]) {
    const id = codec.toLowerCase();
    const until = (wanted: (clean: NonNullable<StreamView['stats']['variants']['clean']>) => boolean): Promise<StreamView> =>
      server.until<StreamView>(id, ({ stats }) => stats.variants.clean !== undefined && wanted(stats.variants.clean));

    const compare = (viewer: WhepPictures, wanted?: Parameters<typeof comparePictures>[4]): Promise<void> => comparePictures(server, id, clips[codec], viewer, wanted);

    test(`as ${codec} is sent as it is to who can take that, each picture with the timestamp of its message`, async () => {
      const coded = await packetsOf(clips[codec]);
      assert.equal(coded.length, clips[codec].frames);
      await using viewer = await WhepPictures.open(server.url, id, 'clean', codec);
      // Somebody who comes is served by the encoder until the source's next key frame.
      const same = (picture: SeenPicture, number: number): boolean => picture.coded.equals(coded[number]!);
      await compare(viewer, same);
      const { stats } = await until(({ forwarded, bitrate }) => forwarded && bitrate > 0);
      const { encoder, codec: told } = stats.variants.clean!;
      assert.deepEqual([encoder, told], [undefined, codec]);

      await using second = await joinBetweenKeys(server, id, viewer, codec);
      await compare(second, same);
    });

    test(`as ${codec} is encoded for who can’t take that`, async () => {
      await using other = await WhepPictures.open(server.url, id, 'clean');
      await compare(other);
    });
  }
});

/** What the packets of a clip hold, in their order. */
async function packetsOf({ path }: NumberedClip): Promise<Buffer[]> {
  await using input = await Demuxer.open(path);
  const packets: Buffer[] = [];
  for await (const packet of input.packets()) {
    if (packet === null) break;
    packets.push(Buffer.from(packet.data!));
    packet.free();
  }
  return packets;
}

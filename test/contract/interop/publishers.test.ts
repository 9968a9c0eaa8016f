import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ForeignClient } from '../../support/foreign-client.ts';
import { LiveServer } from '../../support/live-server.ts';
import { WhepPictures } from '../../support/whep-pictures.ts';
import type { StreamView } from '../../../src/streams/view.ts';

const CONFIG = fileURLToPath(new URL('../../support/publish.yaml', import.meta.url));
const TOKEN = 'a-token';
/** What the publishers send: black and white pictures in turn. */
const isBlack = ({ luma }: { luma: number }): boolean => luma < 40;
const isWhite = ({ luma }: { luma: number }): boolean => luma > 210;

describe('WHIP clients of others', () => {
  let server: LiveServer;
  let strict: LiveServer;

  before(async () => {
    const env = { FRAMELOCK_CONFIG: CONFIG };
    server = await LiveServer.start({ demo: true, env });
    strict = await LiveServer.start({ demo: true, env: { ...env, FRAMELOCK_TOKEN: TOKEN } });
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await strict[Symbol.asyncDispose]();
  });

  /** The stream that a publisher makes shows what it sends. */
  async function shows(id: string, codec: string): Promise<void> {
    const { video } = await server.until<StreamView>(id, ({ state }) => state === 'live');
    assert.deepEqual([video?.codec, video?.width, video?.height], [codec.toLowerCase(), 320, 240]);
    await using viewer = await WhepPictures.open(server.url, id);
    await viewer.sees(isBlack);
    await viewer.sees(isWhite);
    await viewer.sees(isBlack);
  }

  const ids = async (): Promise<string[]> => (await server.call<StreamView[]>('GET', '/api/streams')).map(({ id }) => id);

  /** Resolves when there is no such stream. */
  async function gone(id: string): Promise<void> {
    const events = await fetch(`${server.url}/api/events`);
    for await (const chunk of events.body!.pipeThrough(new TextDecoderStream())) {
      if (!(await ids()).includes(id)) return;
      void chunk;
    }
  }

  for (const library of ['aiortc', 'webrtcbin'] as const) {
    for (const codec of ['H264', 'VP8'] as const) {
      it(`${library} makes a stream of ${codec}, and ends it`, async () => {
        const id = `${library}-${codec.toLowerCase()}`;
        await using client = new ForeignClient(library, 'whip', `${server.url}/live/${id}/whip`, { codec });
        await client.says('opened');
        await shows(id, codec);
        assert.equal(await client.end(), 200);
        await gone(id);
      });
    }

    it(`${library} is told of a token that is missing or wrong, and comes in with the right one`, async () => {
      const url = `${strict.url}/live/${library}/whip`;
      for (const [token, code] of [[undefined, 'token-missing'], ['another', 'token-wrong']] as const) {
        await using client = new ForeignClient(library, 'whip', url, token === undefined ? {} : { token });
        const refused = await client.says('refused');
        assert.deepEqual([refused.status, refused.code], [401, code]);
      }
      await using client = new ForeignClient(library, 'whip', url, { token: TOKEN });
      await client.says('state', ({ state }) => state === 'connected');
      assert.equal(await client.end(), 200);
    });
  }
});

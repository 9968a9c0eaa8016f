import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { messagesOf } from '../../support/annotation-events.ts';
import { numberInBoxes } from '../../support/coded-boxes.ts';
import { LiveServer } from '../../support/live-server.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
const PROGRAMS = {
  python: ['/usr/bin/python3', join(EXAMPLES, 'python/detector.py')],
  typescript: [process.execPath, join(EXAMPLES, 'typescript/detector.ts')],
} as const;
const TOKEN = 'for-the-test';
/** Frames with a result of their own that are looked at. */
const FRAMES = 40;

for (const [language, [program, script]] of Object.entries(PROGRAMS)) {
  describe(`the example in ${language}`, () => {
    let server: LiveServer;
    let worker: ChildProcess;
    const start = (): ChildProcess => {
      const url = `${server.url.replace('http', 'ws')}/detectors/mine`;
      return spawn(program, [script, url, TOKEN], { stdio: ['ignore', 'inherit', 'inherit'] });
    };
    before(async () => {
      server = await LiveServer.start({ token: TOKEN });
      await server.call('POST', '/api/detectors', { name: 'mine', endpoint: 'worker' });
      await server.call('POST', '/api/streams', { id: 'coded', source: 'demo://street?timecode=1&fps=15', detectors: ['mine'], deadlineMs: 2000 });
      worker = start();
    });
    after(async () => {
      worker.kill('SIGKILL');
      await server[Symbol.asyncDispose]();
    });

    it('gives boxes that belong to the frame they come with', async () => {
      let own = 0;
      for await (const message of messagesOf(server, 'coded')) {
        if (message.detectors['mine']?.age !== 0) continue;
        assert.equal(numberInBoxes(message, 'mine'), message.seq);
        own += 1;
        if (own === FRAMES) break;
      }
    });

    it('can be killed: video goes on, ages grow, and are 0 again once it is back', async () => {
      let state: 'own' | 'aging' | 'back' = 'own';
      let last: number | undefined;
      for await (const { seq, detectors } of messagesOf(server, 'coded')) {
        assert.ok(last === undefined || seq === last + 1, `after frame ${last} came ${seq}`);
        last = seq;
        const age = detectors['mine']?.age ?? 0;
        if (state === 'own' && age === 0) {
          worker.kill('SIGKILL');
          await once(worker, 'exit');
          state = 'aging';
        } else if (state === 'aging' && age >= 15) {
          worker = start();
          state = 'back';
        } else if (state === 'back' && age === 0) {
          break;
        }
      }
      assert.equal(state, 'back');
    });
  });
}

/** Does to files and processes what it is sent, and answers how each ended: `ok`, or the code of the error. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Demuxer } from 'node-av/api';

const ATTEMPTS = {
  read: (path: string) => readFileSync(path),
  list: (path: string) => readdirSync(path),
  write: (path: string) => writeFileSync(path, 'x'),
  signal: (pid: string) => process.kill(Number(pid), 0),
  demux: async (path: string) => (await Demuxer.open(path)).close(),
};
export type Attempt = readonly [keyof typeof ATTEMPTS, string];

process.on('message', (attempts: Attempt[]) => {
  void (async () => {
    const results: string[] = [];
    for (const [what, argument] of attempts) {
      try {
        await ATTEMPTS[what](argument);
        results.push('ok');
      } catch (error) {
        results.push((error as NodeJS.ErrnoException).code ?? String(error));
      }
    }
    process.send!(results, undefined, undefined, () => process.exit(0));
  })();
});

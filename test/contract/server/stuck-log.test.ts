import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');
/** Their lines are more than a pipe takes. */
const REQUESTS = 2400;

test('a log that nobody reads holds up neither requests nor the end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'framelock-stuck-'));
  const port = await freePort();
  const server = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      FRAMELOCK_HTTP_PORT: String(port),
      FRAMELOCK_WEBRTC_PORT: '0',
      FRAMELOCK_RTMP_ENABLED: 'false',
      FRAMELOCK_DATA_DIR: join(folder, 'data'),
      FRAMELOCK_LOG_PRETTY: 'false',
      FRAMELOCK_LOG_LEVEL: 'trace',
      FRAMELOCK_DETECTION_DOWNLOAD: 'false',
    },
    // A pipe from which nothing is taken.
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(server, 'exit');
  try {
    const url = `http://127.0.0.1:${port}`;
    const limit = AbortSignal.timeout(240_000);
    while (!(await fetch(`${url}/readyz`, { signal: limit }).then(({ ok }) => ok, () => false))) {
      limit.throwIfAborted();
      await sleep(50);
    }
    for (let i = 0; i < REQUESTS; i += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/api/streams/${'x'.repeat(60)}`, { signal: limit })));
      assert.ok(answers.every(({ status }) => status === 404));
      await Promise.all(answers.map((answer) => answer.text()));
    }
    server.kill('SIGTERM');
    const [code] = (await exited) as [number];
    assert.equal(code, 0);
  } finally {
    server.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { DetectorHost, type DetectorHostState } from '../../../src/detectors/detector-host.ts';
import { FAKE_DETECTOR, QUICK, TestLog } from '../../support/server.ts';
import { alive } from './harness.ts';

let hosts: DetectorHost[] = [];
function start(entry = FAKE_DETECTOR): DetectorHost {
  const host = new DetectorHost({ detection: { providers: ['cpu'], threads: 1 }, logger: new TestLog().logger, entry, timing: QUICK });
  hosts.push(host);
  return host;
}
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  hosts = [];
});

async function until(host: DetectorHost, state: DetectorHostState): Promise<void> {
  while (host.state !== state) await once(host, 'state');
}

async function reachable({ socketPath }: DetectorHost): Promise<void> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  socket.destroy();
}

describe('the detector process', () => {
  it('is ready on a socket that only this user can reach', async () => {
    const host = start();
    assert.equal(host.state, 'starting');
    await until(host, 'ready');
    assert.deepEqual(host.providers, ['cpu']);
    assert.equal(statSync(dirname(host.socketPath)).mode & 0o777, 0o700);
    assert(Buffer.byteLength(host.socketPath) <= 103);
    await reachable(host);
  });

  it('is back on the same socket after it was killed', async () => {
    const host = start();
    await until(host, 'ready');
    process.kill(host.pid!, 'SIGKILL');
    await until(host, 'restarting');
    await until(host, 'ready');
    assert.equal(host.restarts, 1);
    await reachable(host);
  });

  it('is gone with its socket once closed, whether it ran or hung', async () => {
    for (const signal of [0, 'SIGSTOP'] as const) {
      const host = start();
      await until(host, 'ready');
      const { pid, socketPath } = host;
      process.kill(pid!, signal);
      await Promise.all([host.close(), host.close()]);
      assert.equal(alive(pid), false);
      assert.equal(existsSync(dirname(socketPath)), false);
      assert.equal(host.state, 'closed');
    }
  });

  it('begins with removing what killed servers left', async () => {
    const left = mkdtempSync(join(tmpdir(), 'framelock-'));
    const killed = fork(FAKE_DETECTOR, [JSON.stringify({ socket: join(left, 'detector.sock') })]);
    await once(killed, 'message');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const watcher = watch(tmpdir());
    const gone = (async () => {
      for await (const _change of watcher) if (!existsSync(left)) return;
    })();
    await until(start(), 'ready');
    await gone;
  });

  it('is tried again and again when it can’t be started, and can be closed meanwhile', async () => {
    const host = start('/nowhere/program.ts');
    await until(host, 'restarting');
    await host.close();
    assert.equal(host.state, 'closed');
  });
});

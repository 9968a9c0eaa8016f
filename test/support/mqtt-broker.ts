import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';

/** Mosquitto, with one user. */
export interface Broker extends AsyncDisposable {
  readonly url: string;
  readonly user: { readonly username: string; readonly password: string };
  /** Ends it as a failure would; {@link start} brings it back at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function runBroker(): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'framelock-mqtt-'));
  const port = await freePort();
  const user = { username: 'framelock', password: 'a password' };
  const passwords = join(folder, 'passwords');
  await writeFile(passwords, `${user.username}:${user.password}\n`, { mode: 0o600 });
  await once(spawn('mosquitto_passwd', ['-U', passwords], { stdio: 'inherit' }), 'exit');
  const config = join(folder, 'mosquitto.conf');
  const owner = process.getuid?.() === 0 ? ['user root'] : [];
  await writeFile(config, [`listener ${port} 127.0.0.1`, 'allow_anonymous false', `password_file ${passwords}`, ...owner, ''].join('\n'));
  let child: ReturnType<typeof spawn> | undefined;
  const start = async (): Promise<void> => {
    const started = spawn('/usr/sbin/mosquitto', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    for await (const line of createInterface({ input: started.stderr })) if (line.includes('running')) break;
    started.stderr.resume();
  };
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    user,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

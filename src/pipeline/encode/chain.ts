import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { EncoderName } from './options.ts';
import { ENCODERS } from './settings.ts';

/** Milliseconds that a test encode may take; a driver may hang. */
const PROBE_LIMIT_MS = 10_000;

const probes = new Map<EncoderName, Promise<boolean>>();

/**
 * The encoders of a chain that work here, in its order. An encoder that libav lists may still fail to open, so that hardware
 * encoders make a few frames in a process of their own, which a driver may crash or hang without harm. Results are kept for the life
 * of this process. x264 has nothing that could be missing, and stays in.
 */
export async function workingEncoders(chain: readonly EncoderName[], logger: Logger): Promise<EncoderName[]> {
  const works = await Promise.all(chain.map((name) => probed(name, logger)));
  return chain.filter((_, i) => works[i]);
}

function probed(name: EncoderName, logger: Logger): Promise<boolean> {
  const { devices } = ENCODERS[name];
  if (devices.length === 0) return Promise.resolve(true);
  if (!devices.some((device) => existsSync(device))) return Promise.resolve(false);
  let probe = probes.get(name);
  if (probe === undefined) {
    probe = testEncode(name);
    probes.set(name, probe);
    void probe.then((works) => logger.info({ encoder: name, works }, works ? `${name} works` : `${name} is listed but does not work here`));
  }
  return probe;
}

function testEncode(name: EncoderName): Promise<boolean> {
  const child = fork(join(import.meta.dirname, 'probe-child.ts'), [name], { stdio: 'ignore', timeout: PROBE_LIMIT_MS, killSignal: 'SIGKILL' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { EncoderName } from './options.ts';
import { ENCODERS } from './settings.ts';

/** Milliseconds that a test encode may take; a driver may hang. */
const PROBE_LIMIT_MS = 10_000;
/** Characters kept of what a test encode complains about. */
const REASON_LENGTH = 1000;

const probes = new Map<EncoderName, Promise<boolean>>();

/**
 * The encoders of a chain that work here, in its order. An encoder that libav lists may still fail to open, so that hardware
 * encoders make a few frames in a process of their own, which a driver may crash or hang without harm. Without a device there is no
 * test. Results are kept for the life of this process. x264 has nothing that could be missing, and stays in.
 */
export async function workingEncoders(chain: readonly EncoderName[], logger: Logger): Promise<EncoderName[]> {
  const works = await Promise.all(
    chain.map((name) => {
      const probe = probes.get(name) ?? testEncode(name, logger);
      probes.set(name, probe);
      return probe;
    }),
  );
  return chain.filter((_, i) => works[i]);
}

async function testEncode(name: EncoderName, logger: Logger): Promise<boolean> {
  const { devices } = ENCODERS[name];
  if (devices === undefined) return true;
  if (process.platform === 'linux' && !deviceFiles().some((path) => devices.test(path))) {
    logger.debug({ encoder: name }, `${name} is not tried: there is no device for it`);
    return false;
  }
  const { code, signal, reason } = await runProbe(name);
  const works = code === 0;
  if (works) logger.info({ encoder: name }, `${name} works`);
  else logger.info({ encoder: name, code, signal, reason }, `${name} was tried and does not work here`);
  return works;
}

function deviceFiles(): string[] {
  return ['/dev', '/dev/dri'].flatMap((folder) => {
    try {
      return readdirSync(folder).map((file) => `${folder}/${file}`);
    } catch {
      // No such folder: no such devices.
      return [];
    }
  });
}

interface ProbeResult {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of what the drivers and libav said. */
  readonly reason: string;
}

function runProbe(name: EncoderName): Promise<ProbeResult> {
  const child = fork(join(import.meta.dirname, 'probe-child.ts'), [name], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    timeout: PROBE_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let reason = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    reason = (reason + text).slice(-REASON_LENGTH);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, reason: error.message }));
    child.once('close', (code, signal) => resolve({ code, signal, reason }));
  });
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Grants } from './grants.ts';

/** Whether processes that read media are confined: if the machine supports it, always, or never. */
export type SandboxMode = 'auto' | 'required' | 'off';

/** The mechanism of confinement. */
export type SandboxKind = 'landlock' | 'none';

const LAUNCHER = join(import.meta.dirname, 'confine.pl');
const PERL = '/usr/bin/perl';
const PROBE_LIMIT_MS = 5000;
/** Enough to run `cat` on every layout of the system's folders. */
const LEAST: Grants = { read: ['/usr', '/bin', '/lib', '/lib64', '/etc/ld.so.cache', '/nix'], write: [], list: [] };

/** Confinement is required but not supported by the machine. */
export class SandboxError extends Error {
  override name = 'SandboxError';
}

/** Confines processes to the files that they need, with Landlock, through the launcher `confine.pl`. */
export class Sandbox {
  readonly kind: SandboxKind;

  private constructor(kind: SandboxKind) {
    this.kind = kind;
  }

  /**
   * Tries whether processes can be confined here, and logs the result.
   * @param probe returns why it can’t be done here; undefined if it can
   * @throws SandboxError if it is required but not supported
   */
  static open(mode: SandboxMode, logger: Logger, probe: () => string | undefined = whyNot): Sandbox {
    if (mode === 'off') {
      logger.info({ sandbox: 'none' }, 'stream processes run unconfined, as configured');
      return new Sandbox('none');
    }
    const reason = probe();
    if (reason === undefined) {
      logger.info({ sandbox: 'landlock' }, 'stream processes are confined by Landlock: to their program, devices and media folders, without privileges');
      return new Sandbox('landlock');
    }
    if (mode === 'required') throw new SandboxError(`Stream processes can’t be confined here (${reason}), and sources.sandbox is “required”.`);
    logger.warn({ sandbox: 'none', reason }, 'stream processes run unconfined: this machine can’t confine them');
    return new Sandbox('none');
  }

  /** The command to prepend to a program, which then can access these files only; empty without confinement. */
  around(grants: Grants): readonly string[] {
    return this.kind === 'none' ? [] : launcher(grants);
  }
}

function launcher(grants: Grants): string[] {
  const options = (['read', 'write', 'list'] as const).flatMap((right) => grants[right].flatMap((path) => [`--${right}`, path]));
  return [PERL, LAUNCHER, ...(grants.abstractSockets === true ? ['--abstract-sockets'] : []), ...options, '--'];
}

/** Tries to read a granted and a forbidden file while confined. @returns what went wrong; undefined if nothing did */
function whyNot(): string | undefined {
  if (process.platform !== 'linux') return `there is no Landlock on ${process.platform}`;
  const folder = mkdtempSync(join(tmpdir(), 'framelock-sandbox-'));
  const [open, closed] = [join(folder, 'open'), join(folder, 'closed')];
  try {
    for (const file of [open, closed]) writeFileSync(file, 'x');
    const [perl, ...args] = launcher({ ...LEAST, read: [...LEAST.read, open] });
    const read = (file: string): ReturnType<typeof spawnSync> => spawnSync(perl!, [...args, 'cat', file], { timeout: PROBE_LIMIT_MS, encoding: 'utf8' });
    const granted = read(open);
    if (granted.error) return granted.error.message;
    if (granted.status !== 0) return String(granted.stderr).trim();
    return read(closed).status === 0 ? 'a confined process could read what it was not given' : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest path of a unix socket on every system (`sun_path`, 104 bytes on some), without its final zero. */
const MAX_SOCKET_PATH = 103;

/** Milliseconds: a newer empty folder may be one whose socket is about to be created. */
const NEW_MS = 60_000;

const NAME = /^framelock-[A-Za-z0-9]{6}$/;
const SOCKET = 'detector.sock';

/** A folder that only this user can enter, for one socket. */
export class SocketFolder {
  /** Path of the socket. */
  readonly socket: string;
  readonly #path: string;

  constructor() {
    const base = shortFolder();
    removeStale(base);
    this.#path = mkdtempSync(join(base, 'framelock-'));
    this.socket = join(this.#path, SOCKET);
  }

  /** Prepares for a new socket, whatever happened to the old one and to the folder. */
  clear(): void {
    mkdirSync(this.#path, { recursive: true, mode: 0o700 });
    rmSync(this.socket, { force: true });
  }

  /** Idempotent. */
  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

/** The folder for temporary files, or `/tmp` where paths below it would be too long. */
function shortFolder(): string {
  const longest = join(tmpdir(), 'framelock-XXXXXX', SOCKET);
  return Buffer.byteLength(longest) <= MAX_SOCKET_PATH ? tmpdir() : '/tmp';
}

/**
 * Removes what killed servers have left: folders whose socket refuses connections, and empty ones. If a server is just about to start its
 * process, it creates its folder again.
 */
function removeStale(base: string): void {
  for (const name of readdirSync(base).filter((each) => NAME.test(each))) {
    const folder = join(base, name);
    const socket = connect(join(folder, SOCKET));
    socket.unref();
    socket.once('connect', () => socket.destroy());
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || (error.code === 'ENOENT' && isOld(folder))) rmSync(folder, { recursive: true, force: true });
    });
  }
}

function isOld(folder: string): boolean {
  const modified = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return modified !== undefined && Date.now() - modified > NEW_MS;
}

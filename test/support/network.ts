import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { promisify } from 'node:util';
import { launchChromium, type Browser } from './chromium.ts';
import { LiveServer, type LiveServerOptions } from './live-server.ts';

const LINK = join(import.meta.dirname, 'network-link.py');
const PYTHON = '/usr/bin/python3';
/** Of the range for tests of networks (RFC 2544), which nobody routes. */
const SERVER = '198.18.0.1';
const CLIENT = '198.18.0.2';
const TOKEN = 'network-test';

/** Ports of the server; it has a host of its own, so that nobody else can have them. */
export const HTTP_PORT = 8080;
export const ICE_PORT = 8189;

/** How a link is, in both directions. What is left out is perfect. */
export interface LinkCondition {
  /** Share of packets that are lost, 0…1. */
  readonly loss?: number;
  readonly delayMs?: number;
  /** Each packet is delayed by up to so much more or less, for itself: they overtake each other, as with netem. */
  readonly jitterMs?: number;
  /** Share of packets that are held back for 25 ms, 0…1. */
  readonly reorder?: number;
  /** Nothing passes. */
  readonly down?: boolean;
  /** Packets from or to these ports vanish, as in a firewall that drops. */
  readonly blocked?: readonly { readonly protocol: 'udp' | 'tcp'; readonly port: number }[];
}

/** What passed a link, and what it swallowed, between two changes. */
export interface LinkCount {
  readonly passed: number;
  readonly dropped: number;
}

/** Why there can be no hosts of our own on this machine; undefined where there can. */
export function networkUnavailable(): string | undefined {
  const reason = 'network faults are not tested here: they need root (CAP_SYS_ADMIN, CAP_NET_ADMIN), /dev/net/tun, and the programs ip, nsenter and python3';
  if (process.platform !== 'linux') return reason;
  const tried = spawnSync(PYTHON, [LINK, SERVER, CLIENT, String(HTTP_PORT)], { input: '', encoding: 'utf8' });
  const able = tried.status === 0 && spawnSync('nsenter', ['--version']).status === 0;
  return able ? undefined : `${reason} (${tried.stderr?.trim().split('\n').at(-1) || tried.error?.message || 'nsenter is missing'})`;
}

/**
 * A server on one host and browsers on another, with a link between them that can be broken in every way. The hosts are network
 * namespaces without names, which end with the processes in them: those end with this one, however that comes about.
 */
export class TestNetwork implements AsyncDisposable {
  /** The server's address, as its clients know it. */
  readonly url = `http://${SERVER}:${HTTP_PORT}`;
  readonly token = TOKEN;
  readonly #link: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  readonly #hosts: { readonly server: string; readonly client: string; readonly port: number };
  readonly #folder: string;
  #clientAddress = CLIENT;

  private constructor(link: ChildProcess, lines: Interface, answers: AsyncIterator<string>, hosts: string, folder: string) {
    this.#link = link;
    this.#lines = lines;
    this.#answers = answers;
    this.#hosts = JSON.parse(hosts) as { server: string; client: string; port: number };
    this.#folder = folder;
  }

  /** @throws Error where the machine does not allow it: see {@link networkUnavailable} */
  static async create(): Promise<TestNetwork> {
    const link = spawn(PYTHON, [LINK, SERVER, CLIENT, String(HTTP_PORT)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(link.stdout);
    const answers = lines[Symbol.asyncIterator]();
    const hosts = await answers.next();
    if (hosts.done === true) throw new Error('The hosts could not be made.');
    return new TestNetwork(link, lines, answers, hosts.value, await mkdtemp(join(tmpdir(), 'framelock-network-')));
  }

  /** Starts a server on its host. Its `url` is that of a relay, by which a test reaches it whatever the link does. */
  startServer(options: Omit<LiveServerOptions, 'within'> = {}): Promise<LiveServer> {
    return LiveServer.start({
      token: TOKEN,
      ...options,
      env: { FRAMELOCK_HTTP_HOST: '0.0.0.0', FRAMELOCK_HTTP_PORT: String(HTTP_PORT), FRAMELOCK_WEBRTC_PORT: String(ICE_PORT), ...options.env },
      within: { command: ['nsenter', `--net=${this.#hosts.server}`, '--'], url: `http://127.0.0.1:${this.#hosts.port}` },
    });
  }

  /** Starts Chromium on the client's host; it is steered through a pipe, which no link can break. */
  async launchBrowser(options: Parameters<typeof launchChromium>[0] = {}): Promise<Browser> {
    const program = join(this.#folder, 'chromium');
    await writeFile(program, `#!/bin/sh\nexec nsenter --net=${this.#hosts.client} -- ${process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'} "$@"\n`);
    await chmod(program, 0o755);
    // Its pages are what they would be behind TLS: cameras and client hints are for secure ones only.
    return launchChromium({ ...options, executablePath: program, args: [`--unsafely-treat-insecure-origin-as-secure=${this.url}`, ...(options.args ?? [])] });
  }

  /** The link is like this from now on. @returns what happened under the condition before */
  async change(condition: LinkCondition): Promise<LinkCount> {
    this.#link.stdin?.write(`${JSON.stringify(condition)}\n`);
    const answer = await this.#answers.next();
    if (answer.done === true) throw new Error('The link has ended.');
    return JSON.parse(answer.value) as LinkCount;
  }

  /** The client has another address from now on, as when it changes from one network to the next; its old one is gone. */
  async moveClient(): Promise<void> {
    const old = this.#clientAddress;
    this.#clientAddress = old === CLIENT ? '198.18.0.3' : CLIENT;
    const ip = (...args: string[]): Promise<unknown> => promisify(execFile)('nsenter', [`--net=${this.#hosts.client}`, '--', 'ip', 'address', ...args, 'dev', 'net0']);
    await ip('del', `${old}/24`);
    await ip('add', `${this.#clientAddress}/24`);
  }

  /** Close what runs on the hosts first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#link.stdin?.end();
    if (this.#link.exitCode === null && this.#link.signalCode === null) await once(this.#link, 'exit');
    this.#lines.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

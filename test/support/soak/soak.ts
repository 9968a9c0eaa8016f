import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../src/demo/random.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { FEEDS, type FeedContext, type FeedKind } from '../feeds.ts';
import { LiveServer } from '../live-server.ts';
import { streetFilm } from '../street-film.ts';
import { openReceiver } from '../whep-receiver.ts';
import { Patient } from './patient.ts';
import { grown, readAll, thirds, type Change, type Reading } from './readings.ts';
import { Relay } from './relay.ts';

/** In this order, over again where there are more sources. */
export const SOAK_KINDS: readonly FeedKind[] = [
  ...(['RTSP over TCP, H.264', 'HTTP-FLV', 'MPEG-TS in datagrams', 'HLS, live, of MPEG-TS', 'RTMP, pulled from nginx', 'MJPEG over HTTP'] as const),
  ...(['SRT', 'RTSP over UDP, H.264', 'DASH, live', 'RTP with a session description', 'a JPEG that is polled', 'a file of HTTP'] as const),
];
/**
 * Milliseconds in which every source has to be live, before the first fault and after the last: many times what an attempt and the wait before it take, because
 * processes start slowly on a machine that does other things too. How long it truly took is told.
 */
const LIVE_MS = 300_000;
/** Milliseconds between two looks at the streams. */
const LOOK_MS = 500;

export interface SoakOptions {
  readonly sources: number;
  /** Left out: all of {@link SOAK_KINDS}. */
  readonly kinds?: readonly FeedKind[];
  /** How long faults are made. */
  readonly ms: number;
  /** The same seed makes the same faults. */
  readonly seed: number;
  /** Milliseconds that a fault lasts at most. */
  readonly faultMs: number;
  /** Milliseconds between two readings. */
  readonly readMs: number;
  /** Told of each reading as it is made. */
  readonly onReading?: (reading: Reading, atMs: number) => void;
}

/** What became of one source. */
export interface SoakedSource {
  readonly kind: string;
  readonly faults: Patient['faults'];
  readonly state: string;
  /** How often its process ended by itself. */
  readonly restarts: number;
  /** Seconds until it was live first, and again after the last fault; undefined where that did not come about. */
  readonly live: { readonly first: number | undefined; readonly again: number | undefined };
  /** MiB that its process had resident before the first fault, and in the end. */
  readonly mib: { readonly before: number; readonly after: number };
}

export interface SoakResult {
  readonly sources: readonly SoakedSource[];
  /** What the server and everything below it held, at the beginning and at the end. */
  readonly changes: readonly Change[];
  /** What is not as it should be, in sentences; empty where all is well. */
  readonly wrong: readonly string[];
  /** The last that the server logged. */
  readonly log: string;
}

/**
 * Sources of mixed kinds, each killed, paused, restarted and throttled at random, while some are watched. In the end all have to be live again by themselves,
 * at the same time, and the server and everything below it may hold no more than after the first of these faults.
 */
export async function soak({ sources, kinds = SOAK_KINDS, ms, seed, faultMs, readMs, onReading }: SoakOptions): Promise<SoakResult> {
  await using held = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'framelock-soak-'));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  const context: FeedContext = { folder, film: await streetFilm(folder) };
  const server = held.use(await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } }));
  const patients: Patient[] = [];
  for (let i = 0; i < sources; i++) patients.push(await admit(`soak-${i}`, kinds[i % kinds.length]!, { context, server, held, random: new Random(seed + i) }));
  const first = await untilLive(server, patients);
  const before = await views(server, patients);

  const readings: Reading[] = [];
  const over = new AbortController();
  const suffering = patients.map((patient) => patient.suffer(faultMs, over.signal));
  for (let at = readMs; at <= ms; at += readMs) {
    await sleep(readMs);
    const reading = readAll(server.pid);
    readings.push(reading);
    onReading?.(reading, at);
  }
  over.abort();
  await Promise.all(suffering);

  const again = await untilLive(server, patients);
  const after = await views(server, patients);
  const changes = thirds(readings);
  const name = ({ id, kind }: Patient): string => `${id} (${kind})`;
  return {
    sources: patients.map(({ kind, faults }, i) => ({
      kind,
      faults,
      state: after[i]!.state,
      restarts: after[i]!.stats.restarts,
      live: { first: first[i], again: again[i] },
      mib: { before: mib(before[i]!), after: mib(after[i]!) },
    })),
    changes,
    wrong: [
      ...patients.flatMap((patient, i) => (first[i] === undefined ? [`${name(patient)} was not live before the first fault: ${problemOf(before[i]!)}`] : [])),
      ...patients.flatMap((patient, i) => (after[i]!.state === 'live' ? [] : [`${name(patient)} is ${after[i]!.state}: ${problemOf(after[i]!)}`])),
      ...patients.flatMap((patient, i) => (after[i]!.stats.restarts === 0 ? [] : [`the process of ${name(patient)} ended ${after[i]!.stats.restarts} times by itself`])),
      ...patients.flatMap((patient) => patient.troubles.map((trouble) => `the sender of ${name(patient)} did not do as it should: ${trouble}`)),
      ...grown(changes),
    ],
    log: server.log,
  };
}

function problemOf({ problem }: StreamView): string {
  return problem?.message ?? 'without a reason';
}

function mib({ stats }: StreamView): number {
  return Math.round(stats.process.rss / 2 ** 20);
}

/** In the order of the patients. */
async function views(server: LiveServer, patients: readonly Patient[]): Promise<StreamView[]> {
  return Promise.all(patients.map(({ id }) => server.call<StreamView>('GET', `/api/streams/${id}`)));
}

/**
 * Waits until all are live at the same time, for a long time.
 * @returns the seconds after which each was live first; undefined where it never was
 */
async function untilLive(server: LiveServer, patients: readonly Patient[]): Promise<(number | undefined)[]> {
  const begun = performance.now();
  const after = patients.map((): number | undefined => undefined);
  for (;;) {
    const states = (await views(server, patients)).map(({ state }) => state);
    const passed = performance.now() - begun;
    states.forEach((state, i) => (after[i] ??= state === 'live' ? Math.round(passed / 100) / 10 : undefined));
    if (states.every((state) => state === 'live') || passed > LIVE_MS) return after;
    await sleep(LOOK_MS);
  }
}

interface Ward {
  readonly context: FeedContext;
  readonly server: LiveServer;
  readonly held: AsyncDisposableStack;
  readonly random: Random;
}

/** Starts a feed, makes a stream of it, and lets every third be watched. */
async function admit(id: string, kind: FeedKind, { context, server, held, random }: Ward): Promise<Patient> {
  const feed = held.use(await FEEDS[kind](context));
  await feed.start();
  const url = new URL(feed.address);
  const relay = /^(http|rtmp|rtsp):$/.test(url.protocol) && !url.searchParams.has('transport') ? held.use(await Relay.open(Number(url.port))) : undefined;
  if (relay !== undefined) url.port = String(relay.port);
  await server.call('POST', '/api/streams', { id, source: relay === undefined ? feed.address : url.href, detectors: [] });
  if (random.int(3) === 0) {
    const receiver = await openReceiver(server.url, id, () => undefined);
    held.defer(() => receiver.close());
  }
  return new Patient(id, kind, { feed, relay, random });
}

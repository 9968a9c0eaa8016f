import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../src/pipeline/source/demo/random.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { FEEDS, type FeedContext, type FeedKind } from '../feeds.ts';
import { LiveServer } from '../live-server.ts';
import { streetFilm } from '../street-film.ts';
import { openReceiver } from '../whep-receiver.ts';
import { Patient } from './patient.ts';
import { growth, readAll, type Reading } from './readings.ts';
import { Relay } from './relay.ts';

/** In this order, over again where there are more sources. */
const KINDS: FeedKind[] = [
  ...(['RTSP over TCP, H.264', 'HTTP-FLV', 'MPEG-TS in datagrams', 'HLS, live, of MPEG-TS', 'RTMP, pulled from nginx', 'MJPEG over HTTP'] as const),
  ...(['SRT', 'RTSP over UDP, H.264', 'DASH, live', 'RTP with a session description', 'a JPEG that is polled', 'a file of HTTP'] as const),
];
/** Milliseconds in which every source has to be back: the longest wait between two attempts, twice, and an attempt. */
const BACK_MS = 60_000;

export interface SoakOptions {
  readonly sources: number;
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

export interface SoakResult {
  readonly readings: readonly Reading[];
  readonly sources: readonly { readonly kind: string; readonly faults: Patient['faults']; readonly state: string; readonly restarts: number }[];
  /** What is not as it should be, in sentences; empty where all is well. */
  readonly wrong: readonly string[];
}

/**
 * Sources of mixed kinds, each killed, paused, restarted and throttled at random, while some are watched. In the end all have to be live again by themselves,
 * and the server and everything below it may hold no more than after the first of these faults.
 */
export async function soak({ sources, ms, seed, faultMs, readMs, onReading }: SoakOptions): Promise<SoakResult> {
  await using held = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'framelock-soak-'));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  const context: FeedContext = { folder, film: await streetFilm(folder) };
  const server = held.use(await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } }));
  const patients: Patient[] = [];
  for (let i = 0; i < sources; i++) patients.push(await admit(`soak-${i}`, KINDS[i % KINDS.length]!, { context, server, held, random: new Random(seed + i) }));
  const view = (id: string): Promise<StreamView> => server.call<StreamView>('GET', `/api/streams/${id}`);
  for (const { id } of patients) await server.until<StreamView>(id, ({ state }) => state === 'live');

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

  const limit = performance.now() + BACK_MS;
  for (const { id } of patients) while ((await view(id)).state !== 'live' && performance.now() < limit) await sleep(200);
  const ends = await Promise.all(patients.map(({ id }) => view(id)));
  return {
    readings,
    sources: patients.map(({ kind, faults }, i) => ({ kind, faults, state: ends[i]!.state, restarts: ends[i]!.stats.restarts })),
    wrong: [
      ...ends.flatMap(({ id, state, problem }, i) => (state === 'live' ? [] : [`${id} (${patients[i]!.kind}) is ${state}: ${problem?.message ?? 'without a reason'}`])),
      ...ends.flatMap(({ id, stats }, i) => (stats.restarts === 0 ? [] : [`the process of ${id} (${patients[i]!.kind}) ended ${stats.restarts} times by itself`])),
      ...growth(readings),
    ],
  };
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

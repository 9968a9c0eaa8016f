import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import type { Detection } from '../../src/pipeline/annotation.ts';
import { labelColor, rgbOf, toYuv } from '../../src/pipeline/compose/palette.ts';
import { rtpDistance } from '../../src/pipeline/frame.ts';
import { messagesOf } from './annotation-events.ts';
import { lookAtDrawn, type FoundFrame } from './drawn-frames.ts';
import type { LiveServer } from './live-server.ts';
import { lookAtFrames, lookedEnough, whileLooking, type Colors, type DisplayedFrame, type Looking } from './watch-page.ts';

const SCRIPT = join(import.meta.dirname, 'number-detector.py');
/** The slow algorithm in Python, whose label is the number of the frame that it looked at. */
export const READER = 'reader';
const NAMES = ['people', 'vehicles', READER];
/** Milliseconds for what takes a busy machine its time. */
const PATIENCE_MS = 120_000;
/** Results of its own that the reader is to give before its end, and after it. */
const OWN_RESULTS = 24;
/** Frames without the reader: its boxes, which are shown for 2 s, have to be gone meanwhile. */
const DEAD_FRAMES = 120;
/** Of those, a picture that goes on shows more than so many, on the busiest machine. */
const LEAST_SEEN = 10;
/** A box nearer to the edge of the picture than this for each frame that it was carried may have left it: the fastest ones need a second from side to side. */
const EDGE_PER_FRAME = 1 / 30;
const MAX_CARRY_MS = 2000;
/** Frames for which boxes are carried whatever happens, and have not moved far. */
const SURELY_CARRIED = 10;
/** Sum over red, green and blue by which a colour in a picture may differ from the one that was drawn. */
const SAME_COLOR = 110;
/** Share of the points along a box by which one colour must outdo another; an encoder that is short of bits smears thin lines. */
const CLEARLY = 0.2;
/** Luma by which two colours must differ: an encoder that is short of bits leaves a thin line as it was where hardly more than its chroma changes. */
const APART = 25;
/** A picture that stands for longer has stopped, on the busiest machine. */
const STOPPED_MS = 15_000;

/** A picture with its boxes, as somebody saw it. */
interface Shown {
  /** RTP timestamp of the picture. */
  readonly rtp: number;
  /** Read in the picture. */
  readonly picture: number;
  /** Number of the frame that the boxes are said to belong to. */
  readonly seq: number;
  /** `own`: the frame's message was there. `moved`: the page moved older boxes. */
  readonly kind: 'own' | 'moved';
  readonly ages: Readonly<Record<string, number>>;
  readonly seen: readonly Detection[];
  readonly edges: readonly (readonly number[])[] | undefined;
  readonly boxOffset: number | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What happened to somebody who watched. */
export interface Watched {
  readonly frames: readonly Shown[];
  /** Pictures upon which nothing was known. */
  readonly bare: number;
  /** When the reader was killed, and started again: milliseconds since the epoch. */
  readonly deadFrom: number;
  readonly backFrom: number;
  /** States of the player that were not `live`. */
  readonly states: readonly string[];
}

export interface Scene {
  readonly source: string;
  /** Sees people and vehicles. */
  readonly model: string;
  readonly vehicles: readonly string[];
}

/** A stream with three detectors, all of which have given results when this resolves: one for every frame, one for every fifth, and the reader, which has to run. */
export async function startThreeDetectors(server: LiveServer, id: string, { source, model, vehicles }: Scene): Promise<void> {
  const known = await server.call<{ name: string }[]>('GET', '/api/detectors');
  if (!known.some(({ name }) => name === READER)) await server.call('POST', '/api/detectors', { name: READER, endpoint: 'worker' });
  await server.call('POST', '/api/streams', {
    id,
    source,
    detectors: [{ name: 'people', model, classes: ['person', 'bicycle'] }, { name: 'vehicles', model, classes: vehicles, every: 5 }, READER],
    // Without labels and their plates, only the boxes themselves have their colours.
    overlay: { labels: false },
    deadlineMs: 1000,
  });
  for await (const { detectors } of messagesOf(server, id)) if (NAMES.every((name) => detectors[name] !== undefined)) break;
}

/** The algorithm in Python, in a process of its own, which can be killed and started again. */
export class NumberReader implements AsyncDisposable {
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  constructor({ url, headers }: LiveServer) {
    const token = headers['Authorization']?.replace('Bearer ', '');
    this.#args = [SCRIPT, `${url.replace('http', 'ws')}/detectors/${READER}`, ...(token === undefined ? [] : [token])];
  }

  start(): void {
    this.#process = spawn('/usr/bin/python3', this.#args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** Without a word, as a crash would; idempotent. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/**
 * Looks at every frame that a page shows, while the reader works, is killed, stays away, and is back.
 * @param drawn whether the page draws the boxes; else they are burned in
 */
export async function watchThroughCrash(page: Page, reader: NumberReader, colors: Colors, drawn: boolean): Promise<Watched> {
  await page.evaluate(() => {
    const player = document.querySelector('framelock-player')!;
    const states: string[] = [];
    new MutationObserver(() => states.push(player.getAttribute('state') ?? '')).observe(player, { attributeFilter: ['state'] });
    Object.assign(globalThis, { framelockStates: states });
  });
  const looking = drawn ? lookAtDrawn(page, Infinity, READER).then(drawnFrames) : lookAtFrames(page, Infinity, colors, READER).then(burnedInFrames);
  // What ends the test ends the page, and with it this; then nobody waits for it.
  looking.catch(() => undefined);
  const own = (): Promise<void> => whileLooking(page, (looking, { reader, wanted }) => (looking.own[reader] ?? 0) >= wanted, { reader: READER, wanted: OWN_RESULTS }, PATIENCE_MS);
  await own();
  await reader.kill();
  const deadFrom = Date.now();
  await whileLooking(page, (looking, { reader, wanted }) => (looking.ages[reader] ?? 0) >= wanted, { reader: READER, wanted: DEAD_FRAMES }, PATIENCE_MS);
  const backFrom = Date.now();
  await page.evaluate(() => ((globalThis as unknown as { framelockLooking: Looking }).framelockLooking.own = {}));
  reader.start();
  await own();
  await lookedEnough(page);
  const { frames, bare } = await looking;
  const states = await page.evaluate(() => (globalThis as unknown as { framelockStates: string[] }).framelockStates);
  return { frames, bare, deadFrom, backFrom, states: states.filter((state) => state !== 'live') };
}

function burnedInFrames(displayed: readonly DisplayedFrame[]): Pick<Watched, 'frames' | 'bare'> {
  const frames = displayed.flatMap(({ rtp, pictureSeq, messageSeq, messageCapturedAt, ages, seen, edges, boxOffset, displayedAt }): Shown[] => {
    assert.notEqual(pictureSeq, undefined, `the time code of ${rtp} can’t be read`);
    if (messageSeq === undefined) return [];
    assert.equal(Math.round(messageCapturedAt! * 90) % 2 ** 32, rtp, 'the RTP timestamp is not that of the message');
    return [{ rtp, picture: pictureSeq!, seq: messageSeq, kind: 'own', ages, seen, edges, boxOffset, at: displayedAt }];
  });
  return { frames, bare: displayed.length - frames.length };
}

function drawnFrames(drawn: readonly FoundFrame[]): Pick<Watched, 'frames' | 'bare'> {
  const frames = drawn.flatMap(({ rtp, kind, seq, pictureSeq, ages, seen, edges, boxOffset, drawnAt }): Shown[] => {
    if (kind === 'none') assert.deepEqual(seen, [], 'boxes of which nothing is known');
    if (kind === 'none' || seq === undefined) return [];
    return [{ rtp, picture: pictureSeq, seq, kind: kind === 'exact' ? 'own' : 'moved', ages, seen, edges, boxOffset, at: drawnAt }];
  });
  return { frames, bare: drawn.length - frames.length };
}

/** Numbers in pictures that are not those of frames: the place in a clip that is shown again and again. */
export interface Clip {
  readonly frames: number;
}

/**
 * No box stood on a frame that it does not belong to, unless with its true age; video went on, and the boxes of the others did not flicker.
 *
 * Of a frame whose message is not there, a page knows the time and not the number: its boxes have to be older ones, and be said to be.
 * @param told least share of the frames that had their message
 * @param clip what the numbers in the pictures count, where that is not the frames of the stream
 */
export function checkWatched(t: TestContext, { frames, bare, deadFrom, backFrom, states }: Watched, { told, clip }: { told: number; clip?: Clip }): void {
  const numbered = (seq: number): number => (clip === undefined ? seq : ((seq % clip.frames) + clip.frames) % clip.frames);
  const withOwn = new Map(frames.filter(({ kind }) => kind === 'own').map((frame) => [frame.seq, frame]));
  let carried = 0;
  for (const { picture, seq, kind, ages, seen } of frames) {
    if (kind === 'own') assert.equal(picture, numbered(seq), `boxes of frame ${seq} stand on the picture of ${picture}`);
    for (const name of NAMES) assert.notEqual(ages[name], undefined, `${name} is not spoken of on ${seq}`);
    if (kind === 'moved') for (const age of Object.values(ages)) assert.ok(age > 0, `moved boxes on ${picture} have no age`);
    const read = seen.filter(({ detector }) => detector === READER);
    assert.ok(read.length <= 1, 'the reader has two boxes');
    for (const { label } of read) assert.equal(label, `frame ${numbered(seq - ages[READER]!)}`, `frame ${seq} says that the reader’s box is ${ages[READER]} frames old`);
    if (ages[READER] === 0) assert.equal(read.length, 1, `the reader’s own result is not shown on ${seq}`);
    for (const name of ['people', 'vehicles']) {
      const age = ages[name]!;
      const source = age === 0 || age > SURELY_CARRIED ? undefined : withOwn.get(seq - age);
      if (source?.ages[name] !== 0) continue;
      carried += 1;
      const staying = source.seen.filter(({ detector, box }) => detector === name && !nearEdge(box, age * EDGE_PER_FRAME)).length;
      const now = seen.filter(({ detector }) => detector === name).length;
      assert.ok(now >= staying, `${name} had ${staying} boxes on ${source.seq} that can’t have left, and ${now} when carried to ${seq}`);
    }
  }
  assert.ok(carried > 0, 'nothing was carried');
  checkReader(t, frames, withOwn);
  checkPixels(t, frames);
  assert.ok(withOwn.size >= told * (frames.length + bare), `${withOwn.size} of ${frames.length + bare} frames had their message`);
  assert.deepEqual(states, [], 'the player did not stay live');
  const gaps = frames.slice(1).map(({ at }, i) => at - frames[i]!.at);
  assert.ok(Math.max(...gaps) < STOPPED_MS, `the picture stood for ${Math.max(...gaps)} ms`);
  const dead = frames.filter(({ at }) => at > deadFrom && at < backFrom);
  assert.ok(dead.length > LEAST_SEEN, `only ${dead.length} frames were seen without the reader`);
  const share = (name: string): string => `${name} ${Math.round((frames.filter(({ ages }) => ages[name] === 0).length / frames.length) * 100)} %`;
  const moved = frames.filter(({ kind }) => kind === 'moved');
  const guessed = moved.filter(({ picture, seq }) => picture !== numbered(seq)).length;
  t.diagnostic(`${frames.length + bare} frames looked at, 0 off; ${moved.length} with boxes moved by the page (the age of ${guessed} of them taken from the time is not that by number), ${bare} without any message; longest stand ${Math.round(Math.max(...gaps))} ms, ${dead.length} frames without the reader`);
  t.diagnostic(`frames with own results: ${NAMES.map(share).join(', ')}; ${carried} times the boxes of a result that was seen were carried`);
}

/** Its age grew by one with each frame while it was away, and was 0 before and after; its box was there for 2 s, and not for ever. */
function checkReader(t: TestContext, frames: readonly Shown[], known: ReadonlyMap<number, Shown>): void {
  const ages = frames.map(({ ages }) => ages[READER]!);
  const oldest = Math.max(...ages);
  const at = ages.indexOf(oldest);
  assert.ok(oldest >= DEAD_FRAMES && ages.slice(0, at).includes(0) && ages.slice(at).includes(0), `its age was ${oldest} at most`);
  const lastSeq = frames[at]!.seq - oldest;
  const last = known.get(lastSeq);
  const away = frames.filter(({ seq, ages }) => seq > lastSeq && seq - ages[READER]! === lastSeq);
  const shown = away.filter(({ seen }) => seen.some(({ detector }) => detector === READER));
  t.diagnostic(`the reader’s box was shown on ${shown.length} of ${away.length} frames after its last result, up to an age of ${Math.max(...shown.map(({ ages }) => ages[READER]!))}; oldest age ${oldest}`);
  assert.ok(shown.length > 0 && shown.length < away.length);
  // In the time of the pictures; a page that lacks a message carries on for as long what was carried to it.
  if (last !== undefined) assert.ok(Math.max(...shown.map(({ rtp }) => rtpDistance(rtp, last.rtp))) < 2 * MAX_CARRY_MS * 90);
  // From the first frame that does not show it, none does.
  const gone = away.findIndex(({ seen }) => !seen.some(({ detector }) => detector === READER));
  assert.equal(gone, shown.length, 'the reader’s box came back without it');
}

/** What stands in the picture is what is said: the moving boxes fit their own frame, and the reader's box has the colour of its number. */
function checkPixels(t: TestContext, frames: readonly Shown[]): void {
  const offsets = frames.flatMap(({ boxOffset }) => boxOffset ?? []);
  t.diagnostic(`boxes moved enough to tell in ${offsets.length} frames; off by ${[...new Set(offsets)].join()}`);
  assert.ok(offsets.length > 5, `boxes moved enough to tell in ${offsets.length} frames only`);
  assert.deepEqual([...new Set(offsets)], [0], 'boxes are those of another frame');
  const probed = frames.flatMap(({ seq, seen, edges }) => (edges === undefined ? [] : [{ seq, edges, label: seen.find(({ detector }) => detector === READER)!.label }]));
  let told = 0;
  for (const [index, { seq, edges, label }] of probed.entries()) {
    const others = new Set(probed.slice(Math.max(0, index - 5), index + 6).map((one) => one.label));
    const votes = [...others].filter((other) => Math.abs(lumaOf(other) - lumaOf(label)) >= APART).map((other) => ({ other, own: nearer(edges, label, other), wrong: nearer(edges, other, label) }));
    const clear = votes.filter(({ own, wrong }) => Math.abs(own - wrong) > edges.length * CLEARLY);
    for (const { other, own, wrong } of clear) assert.ok(own > wrong, `the box that says ${label} on ${seq} has the colour of ${other}: ${own} points to ${wrong}`);
    if (clear.length > 0) told += 1;
  }
  t.diagnostic(`${told} of ${probed.length} boxes of the reader could be told from their neighbours’ by their colour`);
  assert.ok(told > 10, `the colours of ${told} boxes of the reader told something`);
}

/** How many colours are that of one label rather than that of another. */
function nearer(edges: readonly (readonly number[])[], label: string, other: string): number {
  const [own, wrong] = [rgbOf(labelColor(label)), rgbOf(labelColor(other))];
  const distance = (from: readonly number[], to: readonly number[]): number => from.reduce((sum, value, i) => sum + Math.abs(value - to[i]!), 0);
  return edges.filter((found) => distance(found, own) < Math.min(SAME_COLOR, distance(found, wrong))).length;
}

function lumaOf(label: string): number {
  return toYuv(rgbOf(labelColor(label)), { matrix: 'bt601', range: 'limited' }).y;
}

function nearEdge([x, y, width, height]: Detection['box'], margin: number): boolean {
  return x < margin || y < margin || x + width > 1 - margin || y + height > 1 - margin;
}

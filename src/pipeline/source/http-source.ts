import type { AudioInfo, VideoInfo } from '../media/info.ts';
import { publicAddress } from './address.ts';
import { libavTrust } from './certificates.ts';
import { TRUST_ANY } from './trust.ts';
import { parseManifest, type DashManifest } from './dash/manifest.ts';
import { DashPlaylists } from './dash/playlists.ts';
import { HttpGate, ownPlaylist, type HttpGateOptions } from './http-gate.ts';
import { httpGet, type HttpAnswer, type HttpWays } from './http-request.ts';
import { JpegSource } from './jpeg-source.ts';
import { LiveSource } from './live-source.ts';
import type { InputOptions } from './media-input.ts';
import { PacedSource } from './paced-source.ts';
import { checkPlaylist, firstRendition, isComplete } from './playlist.ts';
import { ReachGuard } from './reach.ts';
import { sdpInput } from './rtp-input.ts';
import { SourceError, type Source, type SourceContext, type SourceFrame } from './source.ts';

/** Longest playlist or session description, in bytes. */
const MAX_TEXT = 4 << 20;
/** Bytes by which a kind of content is told. */
const TELLING = 64;
/** Microseconds, as libav takes its time-outs, without a byte until a connection is given up. */
const TIMEOUT_US = 10_000_000;
/** How often a JPEG is asked for where the address does not say. */
const POLL_FPS = 5;
/** libav's options for playlists of HLS. */
const HLS = { live_start_index: -2, http_persistent: 0 };
/** Containers that are read over HTTP; no lists of other addresses. */
const CONTAINERS = 'flv,mpegts,mov,matroska,mpeg,avi,ogg,asf,h264,hevc,ivf,mjpeg';

/**
 * Whatever an address of HTTP gives: pictures pushed or polled, HLS, DASH, a session description, a live stream, or a file. What it is is
 * decided by what comes, not by its name.
 */
export class HttpSource implements Source {
  readonly #url: URL;
  readonly #context: SourceContext;
  readonly #guard: ReachGuard;
  readonly #ways: HttpWays;
  readonly #abort = new AbortController();
  #gate: HttpGate | undefined;
  #source: Source | undefined;
  #opening: Promise<VideoInfo> | undefined;

  constructor(url: URL, context: SourceContext) {
    this.#url = url;
    this.#context = context;
    this.#guard = new ReachGuard(this.#url.hostname);
    this.#ways = { guard: this.#guard, trust: context.trust };
  }

  open(signal: AbortSignal): Promise<VideoInfo> {
    this.#opening = this.#open(AbortSignal.any([signal, this.#abort.signal]));
    return this.#opening;
  }

  get audio(): AudioInfo | undefined {
    return this.#source?.audio;
  }

  get patienceMs(): number | undefined {
    return this.#source?.patienceMs;
  }

  get dropped(): number {
    return this.#source?.dropped ?? 0;
  }

  async next(): Promise<SourceFrame | undefined> {
    return this.#source?.next();
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#source?.close();
    await this.#opening?.catch(() => undefined);
    await this.#gate?.close();
  }

  async #open(signal: AbortSignal): Promise<VideoInfo> {
    this.#source = await this.#find(signal);
    if (signal.aborted) throw new SourceError('source-read', 'The source was closed while it was being opened.');
    return this.#source.open(signal);
  }

  async #find(signal: AbortSignal): Promise<Source> {
    const answer = await httpGet(this.#url, this.#ways, signal);
    if (/^multipart\//.test(answer.type)) return JpegSource.pushed(answer, this.#context);
    const start = await startOf(answer);
    if (start.readUInt16BE(0) === 0xffd8 && answer.type !== 'video/x-motion-jpeg') {
      answer.body.destroy();
      return JpegSource.polled(this.#url, pollRate(this.#url), this.#ways, this.#context);
    }
    const head = start.toString('utf8', 0, TELLING).replace(/^\uFEFF/, '').trimStart();
    if (head.startsWith('#EXTM3U')) return this.#playlist('hls', answer, signal);
    if (/^<(\?xml|MPD)/.test(head)) return this.#playlist('dash', answer, signal);
    if (head.startsWith('v=0')) return this.#described(await textOf(answer));
    const options = { format_whitelist: CONTAINERS };
    if (answer.body.headers['content-length'] === undefined && this.#url.protocol === 'http:') return this.#media({ options }, 'live', { begun: answer.body });
    answer.body.destroy();
    return this.#media({ options }, answer.body.headers['content-length'] === undefined ? 'live' : 'paced');
  }

  async #playlist(format: 'hls' | 'dash', answer: HttpAnswer, signal: AbortSignal): Promise<Source> {
    const text = await textOf(answer);
    checkPlaylist(text, answer.url);
    if (format === 'dash' && !/<MPD[\s>]/.test(text)) throw new SourceError('source-invalid', `${publicAddress(this.#url)} is no media.`);
    const rendition = format === 'hls' ? firstRendition(text, answer.url) : undefined;
    const media = rendition === undefined ? text : await this.#rendition(rendition, signal);
    if (isComplete(media)) return this.#media({ format, playlists: true, options: format === 'hls' ? HLS : {} }, 'paced');
    if (format === 'hls') return this.#media({ format, playlists: true, options: HLS }, 'segmented');
    return this.#presentation(manifestOf(text, answer), answer.url);
  }

  /** A live one of DASH. */
  async #presentation(first: DashManifest, url: URL): Promise<Source> {
    const playlists = new DashPlaylists(first, async () => {
      const answer = await httpGet(url, this.#ways, this.#abort.signal);
      const text = await textOf(answer);
      checkPlaylist(text, url);
      return manifestOf(text, answer);
    });
    // The parts of a presentation are called as they like.
    const options = { ...HLS, allowed_extensions: 'ALL', allowed_segment_extensions: 'ALL', extension_picky: 0 };
    return this.#media({ address: ownPlaylist('/live.m3u8'), format: 'hls', playlists: true, options }, 'segmented', { own: (path) => playlists.answer(path) });
  }

  async #rendition(url: URL, signal: AbortSignal): Promise<string> {
    if (!/^https?:$/.test(url.protocol)) throw new SourceError('source-address', `The playlist leads to an address of ${url.protocol}, which is not followed.`);
    const text = await textOf(await httpGet(url, this.#ways, signal));
    checkPlaylist(text, url);
    return text;
  }

  async #media(input: Partial<InputOptions>, pace: 'live' | 'segmented' | 'paced', gate: HttpGateOptions = {}): Promise<Source> {
    this.#gate = await HttpGate.open(this.#guard, gate);
    const whole: InputOptions = {
      address: withoutHash(this.#url),
      name: publicAddress(this.#url),
      protocols: ['http', 'https', 'httpproxy', 'tcp', 'tls'],
      ...input,
      options: {
        http_proxy: this.#gate.url,
        rw_timeout: TIMEOUT_US,
        ...libavTrust(this.#context.trust ?? TRUST_ANY),
        ...(pace === 'live' ? { fpsprobesize: 0, analyzeduration: 1_000_000, probesize: 2_000_000 } : {}),
        ...input.options,
      },
    };
    if (pace === 'paced') return new PacedSource(this.#context, async () => [whole]);
    return new LiveSource(this.#url, this.#context, () => ({ ...whole, segmented: pace === 'segmented' }));
  }

  async #described(text: string): Promise<Source> {
    for (const [, host = ''] of text.matchAll(/^c=IN IP[46] ([^\s/]+)/gm)) await this.#guard.resolve(host);
    return new LiveSource(this.#url, this.#context, () => sdpInput(text));
  }
}

/** @throws SourceError `source-unsupported` */
function manifestOf(text: string, { url, body }: HttpAnswer): DashManifest {
  const manifest = parseManifest(text, url, Date.parse(body.headers.date ?? '') || Date.now());
  if (manifest === undefined) throw new SourceError('source-unsupported', `${publicAddress(url)} describes no live video by templates of segments, which alone is understood.`);
  return manifest;
}

/** The first bytes of a body, which are put back. */
async function startOf({ body, url }: HttpAnswer): Promise<Buffer> {
  for (;;) {
    const start = body.read(TELLING) as Buffer | null;
    if (start !== null) {
      body.unshift(start);
      return start;
    }
    if (body.readableEnded || body.destroyed) throw new SourceError('source-invalid', `${publicAddress(url)} is empty.`);
    const rest = body.complete ? (body.read() as Buffer | null) : null;
    if (rest !== null && rest.length > 2) {
      body.unshift(rest);
      return rest;
    }
    await new Promise<void>((resolve) => {
      const on = (): void => {
        for (const event of ['readable', 'end', 'close', 'error']) body.off(event, on);
        resolve();
      };
      for (const event of ['readable', 'end', 'close', 'error']) body.once(event, on);
    });
  }
}

async function textOf({ body, url }: HttpAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_TEXT) throw new SourceError('source-unsupported', `The playlist ${publicAddress(url)} is longer than ${MAX_TEXT} bytes.`);
  }
  return Buffer.concat(chunks).toString('utf8').replace(/^\uFEFF/, '');
}

function withoutHash(url: URL): string {
  const address = new URL(url);
  address.hash = '';
  return address.href;
}

/** `#fps=5` at the end of an address. */
function pollRate(url: URL): number {
  const fps = Number(new URLSearchParams(url.hash.slice(1)).get('fps') ?? POLL_FPS);
  if (!(fps > 0 && fps <= 60)) throw new SourceError('source-address', 'A picture is asked for up to 60 times a second: #fps=5');
  return fps;
}

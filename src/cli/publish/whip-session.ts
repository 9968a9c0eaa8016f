import { EventEmitter } from 'node:events';
import type wrtc from '@roamhq/wrtc';
import { z } from 'zod';
import { PublishError } from './publish-error.ts';

/** The binding to libwebrtc, a native add-on that is loaded on demand. */
export type Wrtc = typeof wrtc;

export interface WhipEndpoint {
  readonly url: URL;
  /** Bearer token. */
  readonly token: string | undefined;
}

/** Counts of what a WHIP session has sent. */
export interface SentMedia {
  readonly frames: number;
  readonly bytes: number;
}

/** Time limit for the server's answer, and for the connection. */
const LIMIT_MS = 15_000;
/** Time for a broken connection to recover by itself. */
const DISCONNECTED_MS = 5000;
/** Time limit of the `DELETE` request. */
const DELETE_LIMIT_MS = 2000;
/** Largest accepted answer, in characters. */
const MAX_ANSWER = 65_536;

/** 4xx statuses that may be temporary. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * The server's answer to the end of a WHIP session:
 * - `ended`: the session has ended, now or before
 * - `replaced`: another publisher had taken over
 * - `unheard`: no answer; the server may be away
 */
export type Farewell = 'ended' | 'replaced' | 'unheard';

const Problem = z.object({ detail: z.string().optional(), title: z.string().optional() });
const Outbound = z.object({ type: z.literal('outbound-rtp'), kind: z.literal('video'), framesEncoded: z.number().default(0), bytesSent: z.number().default(0) });

/** One WHIP session (RFC 9725) with one video track: from the offer to `DELETE`. Emits `lost` once when its connection can't recover. */
export class WhipSession extends EventEmitter<{ lost: [] }> {
  readonly #peer: wrtc.RTCPeerConnection;
  readonly #endpoint: WhipEndpoint;
  #location: URL | undefined;
  #ending: Promise<void> | undefined;
  #farewell: Farewell = 'unheard';
  #patience: NodeJS.Timeout | undefined;

  private constructor(peer: wrtc.RTCPeerConnection, endpoint: WhipEndpoint) {
    super();
    this.#peer = peer;
    this.#endpoint = endpoint;
  }

  /**
   * Resolves when media flows.
   * @throws PublishError
   */
  static async open({ RTCPeerConnection }: Wrtc, endpoint: WhipEndpoint, track: wrtc.MediaStreamTrack, signal: AbortSignal): Promise<WhipSession> {
    const session = new WhipSession(new RTCPeerConnection(), endpoint);
    try {
      await session.#open(track, signal);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Counts since its beginning; undefined once it has ended. */
  async sent(): Promise<SentMedia | undefined> {
    if (this.#ending !== undefined || this.#peer.connectionState === 'closed') return undefined;
    const sum = { frames: 0, bytes: 0 };
    const report = await this.#peer.getStats();
    report.forEach((entry: unknown) => {
      const { success, data } = Outbound.safeParse(entry);
      if (!success) return;
      sum.frames += data.framesEncoded;
      sum.bytes += data.bytesSent;
    });
    return sum;
  }

  /** Tells the server that it ends, and closes; idempotent. Never throws: the server may be gone. */
  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** The server's answer to the end of this WHIP session; retries if there was none. Never throws. */
  async farewell(): Promise<Farewell> {
    if (this.#farewell !== 'unheard') return this.#farewell;
    if (this.#location === undefined) return 'ended';
    const { token } = this.#endpoint;
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch(this.#location, { method: 'DELETE', headers, signal: AbortSignal.timeout(DELETE_LIMIT_MS) }).catch(() => undefined);
    if (response !== undefined && response.status < 500) this.#farewell = response.status === 410 ? 'replaced' : 'ended';
    return this.#farewell;
  }

  async #open(track: wrtc.MediaStreamTrack, signal: AbortSignal): Promise<void> {
    const peer = this.#peer;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    peer.addTransceiver(track, { direction: 'sendonly' });
    const offer = await peer.createOffer();
    await peer.setLocalDescription(offer);
    // Without candidates: the server is an ICE-lite agent, which learns them from the connectivity checks.
    const { url, token } = this.#endpoint;
    const headers = { 'Content-Type': 'application/sdp', ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
    const response = await fetch(url, { method: 'POST', headers, body: offer.sdp ?? '', signal: limited }).catch((error: unknown) => {
      throw unreachable(url, error);
    });
    const text = (await response.text()).slice(0, MAX_ANSWER);
    if (response.status !== 201) throw refusal(url, response, text);
    const location = response.headers.get('location');
    if (location === null) throw new PublishError(`${url.origin} is no WHIP server: its answer names no session (Location).`);
    this.#location = new URL(location, response.url);
    await peer.setRemoteDescription({ type: 'answer', sdp: text }).catch((cause: unknown) => {
      throw new PublishError(`The server’s answer can’t be used: ${reasonOf(cause)}.`, { cause });
    });
    await this.#connected(limited);
    peer.addEventListener('connectionstatechange', this.#watch);
    this.#watch();
  }

  async #connected(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { connectionState } = this.#peer;
      if (connectionState === 'connected') return;
      if (signal.aborted || connectionState === 'failed' || connectionState === 'closed') {
        throw new PublishError('The server answered, but no media gets through to it (its WebRTC port, UDP and TCP).', { passing: true });
      }
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#peer.removeEventListener('connectionstatechange', done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#peer.addEventListener('connectionstatechange', done);
        signal.addEventListener('abort', done);
      });
    }
  }

  readonly #watch = (): void => {
    clearTimeout(this.#patience);
    const { connectionState } = this.#peer;
    if (connectionState === 'failed' || connectionState === 'closed') this.#lose();
    else if (connectionState === 'disconnected') this.#patience = setTimeout(() => this.#lose(), DISCONNECTED_MS);
  };

  #lose(): void {
    if (this.#ending !== undefined) return;
    this.emit('lost');
    void this.close();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#patience);
    this.#peer.removeEventListener('connectionstatechange', this.#watch);
    // Before closing the connection: otherwise the server would take it for broken and wait for the publisher to return.
    await this.farewell();
    this.#peer.close();
  }
}

function unreachable(url: URL, error: unknown): PublishError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : reasonOf(cause);
  return new PublishError(`${url.origin} can’t be reached (${code}).`, { passing: true, cause: error });
}

function refusal(url: URL, { status, headers }: Response, text: string): PublishError {
  const passing = status >= 500 || PASSING.has(status);
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const hint = status === 401 ? ' Give the server’s token by --token or FRAMELOCK_TOKEN.' : '';
  return new PublishError(`${url.origin} refused (${status}): ${detailOf(text)}${hint}`, { passing, retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined });
}

/** The reason of a refusal: the detail of an RFC 9457 problem, else the first line of the body. */
function detailOf(text: string): string {
  try {
    const { detail, title } = Problem.parse(JSON.parse(text));
    return detail ?? title ?? '';
  } catch {
    return text.split('\n', 1)[0]!.slice(0, 200);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

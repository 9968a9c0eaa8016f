import type { Device, types } from 'mediasoup-client';
import type { ServerMessage } from '../../../src/signaling/protocol.ts';
import type { ClockOffset } from './clock-offset.ts';
import { loadDevice, prepareDevice } from './device.ts';
import { SignalingSocket, type Request } from './signaling-socket.ts';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** Why there will be no video: the browser can't, or the server does not let this page in. */
export type Refusal = 'unsupported' | 'forbidden';

/** Something that watches a stream in a session. */
export interface SessionMember {
  /** Requests can be made. What is not in `alive` (watches, as the server names them) has ended meanwhile. */
  ready(alive: readonly string[]): void;
  message(message: ServerMessage): void;
  lost(): void;
  refused(reason: Refusal): void;
  /** The network or the page is back: the next attempt should be made now. */
  hurry(): void;
}

/** Milliseconds for which a session without members is kept: a page that shows another stream next joins without the way to the server. */
const LINGER_MS = 5000;

/** One signalling connection to one server, shared by all players on the page. */
export class LiveSession {
  static readonly #sessions = new Map<string, LiveSession>();

  readonly #url: string;
  readonly #socket: SignalingSocket;
  readonly #members = new Set<SessionMember>();
  #device: Device | undefined;
  #iceServers: RTCIceServer[] = [];
  #ready = false;
  #asked = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  /** @param url of the signalling WebSocket */
  static join(url: string, member: SessionMember): LiveSession {
    const session = LiveSession.#sessions.get(url) ?? new LiveSession(url);
    LiveSession.#sessions.set(url, session);
    clearTimeout(session.#linger);
    session.#members.add(member);
    return session;
  }

  private constructor(url: string) {
    this.#url = url;
    this.#socket = new SignalingSocket(url, {
      welcome: (message) => void this.#welcome(message),
      message: (message) => this.#tell((member) => member.message(message)),
      lost: (final) => this.#lost(final),
      hurry: () => this.#tell((member) => member.hurry()),
    });
    prepareDevice();
  }

  /** Whether streams can be watched now; a member is told when it becomes so. */
  get ready(): boolean {
    return this.#ready && this.#socket.open;
  }

  get clock(): ClockOffset {
    return this.#socket.clock;
  }

  /** What this browser can receive of what the server forwards. Only while `ready`. */
  get rtpCapabilities(): types.RtpCapabilities {
    return this.#device!.recvRtpCapabilities;
  }

  /** Only while `ready`. */
  createTransport(options: types.TransportOptions): types.Transport {
    return this.#device!.createRecvTransport({ ...options, iceServers: this.#iceServers });
  }

  /** @throws RequestRefused by the server; Error where there is no answer */
  ask(message: Request): Promise<ServerMessage> {
    return this.#socket.ask(message);
  }

  leave(member: SessionMember): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.#end(), LINGER_MS);
  }

  #end(): void {
    if (LiveSession.#sessions.get(this.#url) === this) LiveSession.#sessions.delete(this.#url);
    this.#socket.close();
  }

  async #welcome({ resumed, watches, rtpCapabilities, iceServers }: Welcome): Promise<void> {
    this.#iceServers = iceServers as RTCIceServer[];
    if (this.#device === undefined || !resumed) {
      try {
        this.#device = await loadDevice(rtpCapabilities as types.RtpCapabilities);
      } catch {
        return this.#tell((member) => member.refused('unsupported'));
      }
    }
    this.#ready = true;
    this.#tell((member) => member.ready(watches));
  }

  #lost(final: boolean): void {
    const welcomed = this.#ready;
    this.#ready = false;
    if (final) {
      this.#end();
      return this.#tell((member) => member.refused('forbidden'));
    }
    this.#tell((member) => member.lost());
    if (!welcomed && !this.#asked) void this.#askWhy();
  }

  /** A browser does not tell why it could not open a socket; an ordinary request to the same server does. */
  async #askWhy(): Promise<void> {
    this.#asked = true;
    const url = new URL(this.#url);
    url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
    url.pathname = '/api/streams';
    const response = await fetch(url).catch(() => undefined);
    if (!this.#ready && (response?.status === 401 || response?.status === 403)) this.#tell((member) => member.refused('forbidden'));
  }

  #tell(say: (member: SessionMember) => void): void {
    for (const member of [...this.#members]) say(member);
  }
}

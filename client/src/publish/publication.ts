import { Backoff } from '../live/backoff.ts';
import { now } from '../live/clock-offset.ts';
import { bitrateFor, codecOrder, type ScalabilityMode } from './encodings.ts';
import { chooseLayers, type LayerChoice } from './layer-choice.ts';
import { attemptReason, mayPass, type PublishReason } from './publish-reason.ts';
import { deleteSession, fateOf, postOffer, WhipRefusal, type WhipSession } from './whip-client.ts';

/** Milliseconds that media has to get through after the server agreed. */
const CONNECT_MS = 12_000;
/** Milliseconds in which a broken ICE connection may come back by itself before it is made anew. */
const ICE_PATIENCE_MS = 2000;
/** Milliseconds before coming back to a server that has ended the WHIP session: whoever took the name shall be seen to have it. */
const ENDED_MS = 2000;

/**
 * - `connecting`: on the way for the first time
 * - `live`: media flows
 * - `retrying`: something broke, and is being made anew
 * - `failed`: what trying again can't mend
 */
export interface PublicationStatus {
  readonly state: 'connecting' | 'live' | 'retrying' | 'failed';
  readonly reason?: PublishReason;
  /** When the next attempt starts: milliseconds since the epoch. */
  readonly retryAt?: number;
}

export interface PublicationOptions {
  /** Of the WHIP endpoint. */
  readonly endpoint: string;
  /** Of the stream in the HTTP API; where it says that the stream is live without us, somebody else has it. */
  readonly streamApi: string;
  readonly token: string | undefined;
  readonly video: MediaStreamTrack;
  readonly audio: MediaStreamTrack | undefined;
  readonly kind: 'camera' | 'screen';
  readonly layers: LayerChoice;
  readonly changed: (status: PublicationStatus) => void;
}

/** With what WebRTC-SVC adds, which TypeScript's types are without. */
type Encoding = RTCRtpEncodingParameters & { scalabilityMode?: string };

/** Keeps tracks published by WHIP, whatever happens to the way there. One peer connection and one WHIP session at a time. */
export class Publication {
  readonly #options: PublicationOptions;
  readonly #backoff = new Backoff({ firstMs: 400, mostMs: 5000 });
  #video: MediaStreamTrack;
  #audio: MediaStreamTrack | undefined;
  #kind: 'camera' | 'screen';
  #status: PublicationStatus = { state: 'connecting' };
  #peer: RTCPeerConnection | undefined;
  #session: WhipSession | undefined;
  #attempt = 0;
  #published = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: PublicationOptions) {
    this.#options = options;
    this.#video = options.video;
    this.#audio = options.audio;
    this.#kind = options.kind;
    addEventListener('online', this.#hurry);
    void this.#open();
  }

  get status(): PublicationStatus {
    return this.#status;
  }

  /** Undefined while there is no connection. */
  async stats(): Promise<RTCStatsReport | undefined> {
    return this.#peer?.getStats().catch(() => undefined);
  }

  /** Sends another picture from now on, without a new WHIP session. */
  async replaceVideo(track: MediaStreamTrack, kind: 'camera' | 'screen'): Promise<void> {
    this.#video = track;
    this.#kind = kind;
    const sender = this.#sender('video');
    await sender?.replaceTrack(track);
    if (sender !== undefined && sender === this.#sender('video')) await this.#settle(sender);
  }

  /** Sends other sound, or none. The first sound needs another WHIP session, since WHIP has no second offer (RFC 9725 §4.4). */
  async replaceAudio(track: MediaStreamTrack | undefined): Promise<void> {
    this.#audio = track;
    const sender = this.#sender('audio');
    if (sender !== undefined) await sender.replaceTrack(track ?? null);
    // The WHIP session before goes on until there is the other.
    else if (track !== undefined && this.#peer !== undefined) void this.#open();
  }

  /**
   * Ends the WHIP session; its tracks are the owner's to stop. Idempotent.
   * @param leaving the page goes: what is said to the server outlives it
   */
  close({ leaving = false }: { leaving?: boolean } = {}): void {
    if (this.#closed) return;
    this.#closed = true;
    removeEventListener('online', this.#hurry);
    clearTimeout(this.#retry);
    clearTimeout(this.#timer);
    const peer = this.#peer;
    this.#peer = undefined;
    // The server hears it from the request first: of a connection that closes it can't know whether it comes back.
    void this.#end(leaving).then(() => peer?.close());
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    const current = (): boolean => attempt === this.#attempt && !this.#closed;
    let peer: RTCPeerConnection | undefined;
    try {
      if (!('RTCPeerConnection' in globalThis)) return this.#set({ state: 'failed', reason: { code: 'unsupported' } });
      const layers = await chooseLayers(this.#options.layers, this.#video.getSettings(), this.#kind);
      if (!current()) return;
      peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      const [video, audio] = [this.#video, this.#audio];
      const sender = addTracks(peer, video, audio, layers);
      const offer = await peer.createOffer();
      const session = await this.#post(offer.sdp ?? '', layersOf(sender));
      if (!current()) {
        peer.close();
        return void deleteSession(session.location, this.#options.token);
      }
      this.#peer?.close();
      clearTimeout(this.#timer);
      this.#peer = peer;
      // Only now, so that the stream is not without a publisher for a moment, which may be its end.
      if (this.#session?.location !== session.location) void this.#end();
      this.#session = session;
      // Candidates are gathered after the answer, so that the servers which it names are of use for them.
      if (session.iceServers.length > 0) peer.setConfiguration({ ...peer.getConfiguration(), iceServers: [...session.iceServers] });
      await this.#settle(sender);
      await peer.setLocalDescription(offer);
      await peer.setRemoteDescription({ type: 'answer', sdp: session.answer });
      if (!current()) return;
      this.#watch(peer, sender);
      // What was changed meanwhile.
      if (video !== this.#video) await this.replaceVideo(this.#video, this.#kind);
      if (audio !== this.#audio) await this.replaceAudio(this.#audio);
    } catch (error) {
      if (current()) this.#broken(attemptReason(error), error instanceof WhipRefusal ? error.retryAfterMs : undefined);
      // One that never became the present one is nobody's.
      if (peer !== this.#peer) peer?.close();
    }
  }

  /** @throws WhipRefusal, WhipUnreachable */
  async #post(offer: string, scalabilityMode: string | undefined): Promise<WhipSession> {
    const { token } = this.#options;
    const endpoint = this.#options.endpoint + (scalabilityMode === undefined ? '' : `?scalabilityMode=${scalabilityMode}`);
    const before = this.#session;
    try {
      return await postOffer(endpoint, token, offer);
    } catch (error) {
      if (before === undefined || !(error instanceof WhipRefusal) || error.status !== 409) throw error;
      // A server that has not noticed the end of the WHIP session before holds the name for it.
      await this.#end();
      return await postOffer(endpoint, token, offer);
    }
  }

  /** What depends on the picture that is sent. */
  async #settle(sender: RTCRtpSender): Promise<void> {
    const parameters = sender.getParameters();
    const size = this.#video.getSettings();
    for (const encoding of parameters.encodings) encoding.maxBitrate = bitrateFor(size);
    // Where the way is narrow, detectors miss less in a smaller picture than in a slower one; on a screen it is the other way around.
    Object.assign(parameters, { degradationPreference: this.#kind === 'screen' ? 'maintain-resolution' : 'maintain-framerate' });
    // A sender that takes no changes keeps what it was made with, which is good enough to go on.
    await sender.setParameters(parameters).catch(() => undefined);
  }

  #watch(peer: RTCPeerConnection, sender: RTCRtpSender): void {
    this.#timer = setTimeout(() => this.#broken({ code: 'no-connection' }), CONNECT_MS);
    const changed = (): void => {
      if (peer !== this.#peer) return;
      if (peer.connectionState === 'connected') {
        clearTimeout(this.#timer);
        this.#published = true;
        this.#backoff.reset();
        // Browsers may say it twice.
        if (this.#status.state !== 'live') this.#set({ state: 'live' });
      } else if (peer.connectionState === 'failed') {
        this.#broken({ code: this.#published ? 'disconnected' : 'no-connection' });
      } else if (peer.connectionState === 'disconnected') {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#broken({ code: 'disconnected' }), ICE_PATIENCE_MS);
      }
    };
    peer.onconnectionstatechange = changed;
    // An end that the server says itself, which the state of the connection does not show in all browsers.
    const { transport } = sender;
    if (transport !== null) transport.onstatechange = () => peer === this.#peer && transport.state === 'closed' && this.#broken({ code: 'disconnected' }, ENDED_MS);
    changed();
  }

  /** @param leastMs to wait at least */
  #broken(reason: PublishReason, leastMs = 0): void {
    if (!mayPass(reason, this.#published)) return this.#fail(reason);
    const wait = Math.max(leastMs, this.#backoff.next());
    this.#set({ state: 'retrying', reason, retryAt: now() + wait });
    this.#again(wait);
  }

  #fail(reason: PublishReason): void {
    this.#drop();
    void this.#end();
    this.#set({ state: 'failed', reason });
  }

  /** Opens another WHIP session after a wait; the newest attempt is the only one that counts. */
  #again(wait: number): void {
    this.#drop();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#resume(), wait);
  }

  async #resume(): Promise<void> {
    this.#retry = undefined;
    const attempt = this.#attempt;
    const before = this.#session;
    // A stream that is live without our WHIP session, on a server that has forgotten it, is somebody else's too; taking the name back would end theirs, and so on.
    const fate = before === undefined ? 'unknown' : await fateOf(before.location, this.#options.token);
    const replaced = fate === 'replaced' || (fate === 'ended' && (await this.#isLive()));
    if (attempt !== this.#attempt || this.#closed) return;
    if (!replaced) return void this.#open();
    this.#session = undefined;
    this.#fail({ code: 'replaced' });
  }

  async #end(leaving = false): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) await deleteSession(session.location, this.#options.token, { keepalive: leaving });
  }

  /** Whether the server has a picture under this name. */
  async #isLive(): Promise<boolean> {
    const stream: unknown = await fetch(this.#options.streamApi)
      .then((response) => (response.ok ? response.json() : undefined))
      .catch(() => undefined);
    return (stream as { state?: unknown } | undefined)?.state === 'live';
  }

  /** Forgets the connection; the WHIP session stays to be ended. */
  #drop(): void {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    const peer = this.#peer;
    this.#peer = undefined;
    peer?.close();
  }

  #sender(kind: 'audio' | 'video'): RTCRtpSender | undefined {
    return this.#peer?.getTransceivers().find(({ receiver }) => receiver.track.kind === kind)?.sender;
  }

  #set(status: PublicationStatus): void {
    if (this.#closed) return;
    this.#status = status;
    this.#options.changed(status);
  }

  /** The network is back: who waits for an attempt makes it now. */
  readonly #hurry = (): void => {
    if (this.#retry === undefined) return;
    clearTimeout(this.#retry);
    void this.#resume();
  };
}

/** @returns the sender of the picture */
function addTracks(peer: RTCPeerConnection, video: MediaStreamTrack, audio: MediaStreamTrack | undefined, scalabilityMode: ScalabilityMode | undefined): RTCRtpSender {
  const sendEncodings: Encoding[] = scalabilityMode === undefined ? [] : [{ scalabilityMode }];
  const transceiver = peer.addTransceiver(video, { direction: 'sendonly', sendEncodings });
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs;
  if (codecs !== undefined && 'setCodecPreferences' in transceiver) transceiver.setCodecPreferences(codecOrder(codecs, scalabilityMode !== undefined));
  if (audio !== undefined) peer.addTransceiver(audio, { direction: 'sendonly' });
  return transceiver.sender;
}

/** The layers that a sender has taken up; undefined where it knows of none. */
function layersOf(sender: RTCRtpSender): string | undefined {
  return (sender.getParameters().encodings[0] as Encoding | undefined)?.scalabilityMode;
}

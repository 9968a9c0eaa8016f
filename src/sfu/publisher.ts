import type { Producer, RtpCapabilities, RtpParameters, WebRtcTransport } from 'mediasoup/types';
import type { VideoCodec } from '../pipeline/media/video-codec.ts';
import { BASE_PAYLOAD_TYPES, codecName, CODEC_PARAMETERS } from './codecs.ts';
import { Fanout } from './fanout.ts';
import { SfuError } from './errors.ts';
import { createTransport, Peer } from './peer.ts';
import type { RouterSlot } from './router-slot.ts';
import type { Ref } from './ref-counted.ts';

/** Least milliseconds between two key frame requests to a publisher, however many viewers ask. */
const KEYFRAME_INTERVAL_MS = 300;

export interface PublisherInit {
  readonly slot: RouterSlot;
  /** What it sends, with its own payload types and header extension ids. */
  readonly video: RtpParameters;
  readonly audio?: RtpParameters | undefined;
  readonly connectTimeoutMs: number;
  readonly consentTimeoutS: number;
}

/** A WebRTC publisher: a transport with a video producer and possibly an audio producer. */
export class Publisher extends Peer {
  readonly slot: RouterSlot;
  readonly video: Producer;
  readonly audio: Producer | undefined;
  readonly #fanouts: { readonly video: Fanout; readonly audio: Fanout | undefined };

  private constructor(init: PublisherInit, transport: WebRtcTransport, video: Producer, audio: Producer | undefined) {
    super(transport, init.connectTimeoutMs);
    this.slot = init.slot;
    this.video = video;
    this.audio = audio;
    this.#fanouts = { video: new Fanout(init.slot, video), audio: audio === undefined ? undefined : new Fanout(init.slot, audio) };
  }

  /** @throws SfuError `transport-refused` if the parameters can't be used; Error when the worker dies meanwhile */
  static async create(init: PublisherInit): Promise<Publisher> {
    const { slot, video, audio, consentTimeoutS } = init;
    const transport = await createTransport({ slot, data: false, consentTimeoutS });
    try {
      const videoProducer = await produce(transport, 'video', video);
      const audioProducer = audio === undefined ? undefined : await produce(transport, 'audio', audio);
      if (transport.closed) throw new SfuError('unavailable', 'The media worker died.');
      return new Publisher(init, transport, videoProducer, audioProducer);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  /** Whether its video can be forwarded to a viewer on this router. */
  canReach(slot: RouterSlot, rtpCapabilities: RtpCapabilities): boolean {
    if (this.closed || !this.slot.router.canConsume({ producerId: this.video.id, rtpCapabilities })) return false;
    if (slot.payloadTypes === BASE_PAYLOAD_TYPES) return true;
    // Routers for other payload types have one codec only.
    const [codec] = this.video.consumableRtpParameters.codecs;
    if (codec === undefined || this.codec !== slot.payloadTypes.codec) return false;
    return Object.entries(CODEC_PARAMETERS[this.codec]).every(([name, value]) => codec.parameters?.[name] === value);
  }

  /** The codec of its video; undefined for one that the SFU does not know. */
  get codec(): VideoCodec | undefined {
    return codecName(this.video.rtpParameters.codecs[0]?.mimeType ?? '');
  }

  /** Its video producer on a router. @throws Error when a worker dies meanwhile */
  at(slot: RouterSlot): ReturnType<Fanout['at']> {
    return this.#fanouts.video.at(slot);
  }

  /** Its audio producer on a router; undefined without audio. @throws Error when a worker dies meanwhile */
  async audioAt(slot: RouterSlot): Promise<Ref<Producer> | undefined> {
    return this.#fanouts.audio?.at(slot);
  }
}

async function produce(transport: WebRtcTransport, kind: 'audio' | 'video', rtpParameters: RtpParameters): Promise<Producer> {
  try {
    return await transport.produce({ kind, rtpParameters, ...(kind === 'video' ? { keyFrameRequestDelay: KEYFRAME_INTERVAL_MS } : {}) });
  } catch (cause) {
    if (transport.closed) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SfuError('transport-refused', `The media worker can’t receive this ${kind}: ${reason}`, { cause });
  }
}

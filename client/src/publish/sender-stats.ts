/** What the sender of the video says of itself. */
export interface SenderFigures {
  /** Bits a second since the last reading, all layers together. */
  readonly bitrate: number;
  readonly fps: number;
  /** Of the largest layer that is sent. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly codec: string | undefined;
  /** Sizes in which the picture is sent, in one stream (WebRTC-SVC). */
  readonly layers: number;
  /** Milliseconds from the browser's encoder getting a frame to its packets leaving, on the average since the last reading. */
  readonly sendMs: number | undefined;
  /** Milliseconds to the server and back. */
  readonly rttMs: number | undefined;
}

interface Totals {
  readonly bytes: number;
  readonly at: number;
  readonly packets: number;
  readonly sendDelay: number;
  readonly frames: number;
  readonly encodeTime: number;
}

/** With what TypeScript's own types leave out. */
type Outbound = RTCOutboundRtpStreamStats & { scalabilityMode?: string };

/** Reads WebRTC statistics of a peer connection that sends one picture, and turns counters into rates. */
export class SenderReader {
  #last: Totals | undefined;

  /** Undefined where no picture is sent. */
  read(report: RTCStatsReport): SenderFigures | undefined {
    const all = [...(report.values() as Iterable<RTCStats>)];
    const sent = all.find((stats): stats is Outbound => stats.type === 'outbound-rtp' && (stats as Outbound).kind === 'video');
    if (sent === undefined) return undefined;
    const totals: Totals = {
      bytes: sent.bytesSent ?? 0,
      at: sent.timestamp,
      packets: sent.packetsSent ?? 0,
      sendDelay: sent.totalPacketSendDelay ?? 0,
      frames: sent.framesEncoded ?? 0,
      encodeTime: sent.totalEncodeTime ?? 0,
    };
    const last = this.#last;
    this.#last = totals;
    const pair = all.find((stats): stats is RTCIceCandidatePairStats => stats.type === 'candidate-pair' && (stats as RTCIceCandidatePairStats).nominated === true);
    const { codecId, framesPerSecond: fps = 0, frameWidth: width, frameHeight: height, scalabilityMode } = sent;
    return {
      bitrate: last === undefined || totals.at <= last.at ? 0 : Math.max(0, ((totals.bytes - last.bytes) * 8000) / (totals.at - last.at)),
      fps,
      width,
      height,
      codec: codecId === undefined ? undefined : (report.get(codecId) as { mimeType?: string } | undefined)?.mimeType?.replace('video/', ''),
      layers: Number(/^L(\d)/.exec(scalabilityMode ?? '')?.[1] ?? 1),
      sendMs: sendMsOf(last, totals),
      rttMs: pair?.currentRoundTripTime === undefined ? undefined : pair.currentRoundTripTime * 1000,
    };
  }
}

/** Encoding and waiting in the sender's queue, each on the average of what was done between two readings. */
function sendMsOf(last: Totals | undefined, next: Totals): number | undefined {
  const frames = next.frames - (last?.frames ?? 0);
  const packets = next.packets - (last?.packets ?? 0);
  if (frames <= 0 || packets <= 0) return undefined;
  return ((next.encodeTime - (last?.encodeTime ?? 0)) / frames + (next.sendDelay - (last?.sendDelay ?? 0)) / packets) * 1000;
}

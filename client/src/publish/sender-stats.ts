/** What the sender of the video says of itself. */
export interface SenderFigures {
  /** Bits a second since the last reading, all layers together. */
  readonly bitrate: number;
  /** Of the largest layer. */
  readonly fps: number;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly codec: string | undefined;
  /** Simulcast layers that are being sent. */
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

/** Reads WebRTC statistics of a peer connection that sends one picture, and turns counters into rates. */
export class SenderReader {
  #last: Totals | undefined;

  /** Undefined where no picture is sent. */
  read(report: RTCStatsReport): SenderFigures | undefined {
    const all = [...(report.values() as Iterable<RTCStats>)];
    const layers = all.filter((stats): stats is RTCOutboundRtpStreamStats => stats.type === 'outbound-rtp' && (stats as RTCOutboundRtpStreamStats).kind === 'video');
    if (layers.length === 0) return undefined;
    const sum = (pick: (layer: RTCOutboundRtpStreamStats) => number | undefined): number => layers.reduce((total, layer) => total + (pick(layer) ?? 0), 0);
    // Layers that the browser has stopped for want of bandwidth have no rate.
    const sent = layers.filter(({ framesPerSecond }) => (framesPerSecond ?? 0) > 0);
    const largest = sent.reduce<RTCOutboundRtpStreamStats | undefined>((best, one) => ((one.frameHeight ?? 0) > (best?.frameHeight ?? -1) ? one : best), undefined);
    const totals: Totals = {
      bytes: sum(({ bytesSent }) => bytesSent),
      at: Math.max(...layers.map(({ timestamp }) => timestamp)),
      packets: sum(({ packetsSent }) => packetsSent),
      sendDelay: sum(({ totalPacketSendDelay }) => totalPacketSendDelay),
      frames: sum(({ framesEncoded }) => framesEncoded),
      encodeTime: sum(({ totalEncodeTime }) => totalEncodeTime),
    };
    const last = this.#last;
    this.#last = totals;
    const pair = all.find((stats): stats is RTCIceCandidatePairStats => stats.type === 'candidate-pair' && (stats as RTCIceCandidatePairStats).nominated === true);
    const codecId = (largest ?? layers[0])?.codecId;
    return {
      bitrate: last === undefined || totals.at <= last.at ? 0 : Math.max(0, ((totals.bytes - last.bytes) * 8000) / (totals.at - last.at)),
      fps: largest?.framesPerSecond ?? 0,
      width: largest?.frameWidth,
      height: largest?.frameHeight,
      codec: codecId === undefined ? undefined : (report.get(codecId) as { mimeType?: string } | undefined)?.mimeType?.replace('video/', ''),
      layers: sent.length,
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

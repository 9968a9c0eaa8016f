/** What the receiver of the video says of itself. */
export interface ReceiverFigures {
  /** Bits a second since the last reading. */
  readonly bitrate: number;
  readonly packetsLost: number;
  /** Frames decoded since the receiver exists. */
  readonly decoded: number;
  readonly codec: string | undefined;
}

/** Reads WebRTC statistics, and turns counters into rates. */
export class ReceiverReader {
  #last: { bytes: number; at: number } | undefined;

  /** Undefined where nothing is received. */
  read(report: RTCStatsReport): ReceiverFigures | undefined {
    let inbound: RTCInboundRtpStreamStats | undefined;
    for (const stats of report.values() as Iterable<RTCStats>) if (stats.type === 'inbound-rtp') inbound = stats as RTCInboundRtpStreamStats;
    if (inbound === undefined) return undefined;
    const { bytesReceived: bytes = 0, timestamp: at, packetsLost = 0, framesDecoded: decoded = 0, codecId } = inbound;
    const last = this.#last;
    this.#last = { bytes, at };
    const bitrate = last === undefined || at <= last.at || bytes < last.bytes ? 0 : ((bytes - last.bytes) * 8000) / (at - last.at);
    const codec = codecId === undefined ? undefined : (report.get(codecId) as { mimeType?: string } | undefined)?.mimeType?.replace('video/', '');
    return { bitrate, packetsLost, decoded, codec };
  }
}

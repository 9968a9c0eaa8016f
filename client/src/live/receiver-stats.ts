/** What the receiver of the video says of itself. */
export interface ReceiverFigures {
  /** Bits a second since the last reading. */
  readonly bitrate: number;
  readonly packetsLost: number;
  /** Frames decoded since the receiver exists. */
  readonly decoded: number;
  readonly codec: string | undefined;
  /** Times that a picture stood noticeably longer than the others, since the receiver exists (`freezeCount`). */
  readonly freezes: number;
  /** Milliseconds that those pictures stood. */
  readonly frozenMs: number;
  /** What packets come by; undefined while no way is chosen. */
  readonly protocol: 'udp' | 'tcp' | undefined;
}

/** Statistics that TypeScript's own types leave out, or type without what is read here. */
type Inbound = RTCInboundRtpStreamStats & { freezeCount?: number; totalFreezesDuration?: number };
type Transport = RTCStats & { selectedCandidatePairId?: string };
type Pair = RTCStats & { localCandidateId?: string };
type Candidate = RTCStats & { protocol?: string };

/** Reads WebRTC statistics, and turns counters into rates. */
export class ReceiverReader {
  #last: { bytes: number; at: number } | undefined;

  /** Undefined where nothing is received. */
  read(report: RTCStatsReport): ReceiverFigures | undefined {
    let inbound: Inbound | undefined;
    for (const stats of report.values() as Iterable<RTCStats>) if (stats.type === 'inbound-rtp') inbound = stats as Inbound;
    if (inbound === undefined) return undefined;
    const { bytesReceived: bytes = 0, timestamp: at, packetsLost = 0, framesDecoded: decoded = 0, codecId, transportId } = inbound;
    const { freezeCount: freezes = 0, totalFreezesDuration: frozen = 0 } = inbound;
    const last = this.#last;
    this.#last = { bytes, at };
    const bitrate = last === undefined || at <= last.at || bytes < last.bytes ? 0 : ((bytes - last.bytes) * 8000) / (at - last.at);
    const codec = (named(report, codecId) as { mimeType?: string } | undefined)?.mimeType?.replace('video/', '');
    return { bitrate, packetsLost, decoded, codec, freezes, frozenMs: frozen * 1000, protocol: protocol(report, transportId) };
  }
}

function protocol(report: RTCStatsReport, transport: string | undefined): 'udp' | 'tcp' | undefined {
  const pair = named(report, (named(report, transport) as Transport | undefined)?.selectedCandidatePairId) as Pair | undefined;
  const used = (named(report, pair?.localCandidateId) as Candidate | undefined)?.protocol;
  return used === 'udp' || used === 'tcp' ? used : undefined;
}

function named(report: RTCStatsReport, id: string | undefined): unknown {
  return id === undefined ? undefined : report.get(id);
}

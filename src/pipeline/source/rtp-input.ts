import type { LiveInput } from './live-source.ts';
import { SourceError } from './source.ts';

/** How a session description names the codecs that come as RTP, with the payload type where none is given (RFC 3551 §6). */
const CODECS: Record<string, { map: string; payload: number }> = {
  h264: { map: 'H264/90000', payload: 96 },
  h265: { map: 'H265/90000', payload: 96 },
  vp8: { map: 'VP8/90000', payload: 96 },
  vp9: { map: 'VP9/90000', payload: 96 },
  av1: { map: 'AV1/90000', payload: 96 },
  mjpeg: { map: 'JPEG/90000', payload: 26 },
  mpegts: { map: 'MP2T/90000', payload: 33 },
};

/**
 * Where a sender starts anew, its sequence numbers begin anywhere, and libav takes those that lie behind the last for late, however many they are: half of all
 * senders would be silent until they are opened anew, which costs nothing.
 */
const PATIENCE_MS = 4000;

/** RTP to a port of this machine, without a session description: `rtp://0.0.0.0:5004?codec=h264&payload=96`. */
export async function rtpInput(url: URL): Promise<LiveInput> {
  const name = url.searchParams.get('codec') ?? 'h264';
  const codec = CODECS[name];
  if (codec === undefined) throw new SourceError('source-address', `“${name}” is no codec of RTP that is known: ${Object.keys(CODECS).join(', ')}.`);
  const payload = Number(url.searchParams.get('payload') ?? codec.payload);
  if (!Number.isInteger(payload) || payload < 0 || payload > 127) throw new SourceError('source-address', 'A payload type is a number from 0 to 127.');
  if (!/^\d+$/.test(url.port)) throw new SourceError('source-address', 'An address of RTP names the port: rtp://0.0.0.0:5004');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const lines = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=-', `c=IN ${host.includes(':') ? 'IP6' : 'IP4'} ${host}`, 't=0 0', `m=video ${url.port} RTP/AVP ${payload}`, `a=rtpmap:${payload} ${codec.map}`];
  return sdpInput(lines.join('\r\n'));
}

/** What a session description describes (RFC 8866). */
export async function sdpInput(text: string): Promise<LiveInput> {
  // Loaded where it is needed: it takes ten megabytes of every stream process.
  const { IOStream } = await import('node-av/api');
  const io = IOStream.create(Buffer.from(`${text.trim()}\r\n`));
  return {
    address: '',
    io,
    format: 'sdp',
    described: true,
    protocols: ['rtp', 'udp'],
    options: { fpsprobesize: 0, analyzeduration: 3_000_000, probesize: 1_000_000, reorder_queue_size: 100, max_delay: 200_000, listen_timeout: -1 },
    patienceMs: PATIENCE_MS,
    release: () => io.freeContext(),
  };
}

/**
 * Decides whether the worker of MEDIASOUP_WORKER_BIN is good: a WebRTC peer must complete ICE and a DTLS handshake with it over
 * loopback and get a packet through SRTP, which touches everything that a wrong build gets wrong. Exits with 0 or 1.
 */
import * as mediasoup from 'mediasoup';
import { PeerConnection } from 'node-datachannel';

const LIMIT_MS = 20_000;
/** Milliseconds between packets, which are sent until one arrives. */
const PACKET_MS = 20;
const SSRC = 0x0f0f0f0f;
const PAYLOAD = Buffer.from('through the worker and its libraries');

const limit = setTimeout(() => finish('no media came through in time'), LIMIT_MS);
process.on('uncaughtException', (error) => finish(error.message));

const worker = await mediasoup.createWorker({ logLevel: 'error' }).catch((/** @type {Error} */ error) => finish(`it does not start: ${error.message}`));
worker.on('died', (error) => finish(`it died: ${error.message}`));
const router = await worker.createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2, preferredPayloadType: 100 }] });
const input = await router.createDirectTransport();
const producer = await input.produce({
  kind: 'audio',
  rtpParameters: { codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48000, channels: 2 }], encodings: [{ ssrc: SSRC }] },
});
const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities });

const peer = new PeerConnection('smoke-test', { iceServers: [], bindAddress: '127.0.0.1' });
peer.onTrack((track) => track.onMessage((packet) => packet.includes(PAYLOAD) && finish()));
peer.onLocalDescription((sdp) => {
  const [, algorithm, value] = /a=fingerprint:(\S+) (\S+)/.exec(sdp) ?? [];
  if (value === undefined) return finish('the test’s peer gave no fingerprint');
  transport
    .connect({ dtlsParameters: { role: 'client', fingerprints: [{ algorithm: /** @type {'sha-256'} */ (algorithm), value }] } })
    .catch((/** @type {Error} */ error) => finish(error.message));
});
transport.on('dtlsstatechange', (state) => {
  if (state === 'connected') sendPackets();
  if (state === 'failed' || state === 'closed') finish(`the DTLS handshake ${state}`);
});
peer.setRemoteDescription(offer(), 'offer');

/** What a server would offer that sends one Opus track and nothing else. */
function offer() {
  const { iceParameters, iceCandidates, dtlsParameters } = transport;
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
  const candidates = iceCandidates.map(({ foundation, protocol, priority, address, port }) => `a=candidate:${foundation} 1 ${protocol} ${priority} ${address} ${port} typ host`);
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=ice-lite',
    'a=group:BUNDLE 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 100',
    'c=IN IP4 127.0.0.1',
    'a=mid:0',
    'a=sendonly',
    'a=rtcp-mux',
    'a=rtpmap:100 opus/48000/2',
    `a=ssrc:${consumer.rtpParameters.encodings?.[0]?.ssrc} cname:smoke-test`,
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    `a=fingerprint:sha-256 ${fingerprint?.value}`,
    'a=setup:actpass',
    ...candidates,
    '',
  ].join('\r\n');
}

function sendPackets() {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = 100;
  header.writeUInt32BE(SSRC, 8);
  let sequence = 0;
  setInterval(() => {
    header.writeUInt16BE(++sequence, 2);
    header.writeUInt32BE(sequence * 960, 4);
    producer.send(Buffer.concat([header, PAYLOAD]));
  }, PACKET_MS);
}

/**
 * @param {string} [problem]
 * @returns {never}
 */
function finish(problem) {
  clearTimeout(limit);
  if (problem !== undefined) process.stderr.write(`${problem}\n`);
  process.exit(problem === undefined ? 0 : 1);
}

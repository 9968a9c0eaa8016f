/**
 * Decides whether the worker of MEDIASOUP_WORKER_BIN is good: a WebRTC peer must complete ICE and a DTLS handshake with it over
 * loopback, which touches everything that a wrong build gets wrong. Exits with 0 or 1.
 */
import * as mediasoup from 'mediasoup';
import { PeerConnection } from 'node-datachannel';

const LIMIT_MS = 15_000;

const limit = setTimeout(() => finish('no handshake in time'), LIMIT_MS);
const worker = await mediasoup.createWorker({ logLevel: 'error' }).catch((/** @type {Error} */ error) => finish(`the worker did not start: ${error.message}`));
worker.on('died', (error) => finish(`the worker died: ${error.message}`));
const router = await worker.createRouter();
const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }], enableSctp: true });
const peer = new PeerConnection('smoke-test', { iceServers: [], bindAddress: '127.0.0.1' });

transport.on('dtlsstatechange', (state) => {
  if (state === 'connected') finish();
  if (state === 'failed' || state === 'closed') finish(`DTLS ${state}`);
});
peer.onLocalDescription((sdp) => {
  const [, algorithm, value] = /a=fingerprint:(\S+) (\S+)/.exec(sdp) ?? [];
  if (value === undefined) return finish('the peer gave no fingerprint');
  transport
    .connect({ dtlsParameters: { role: 'client', fingerprints: [{ algorithm: /** @type {'sha-256'} */ (algorithm), value }] } })
    .catch((/** @type {Error} */ error) => finish(error.message));
});
peer.setRemoteDescription(offer(), 'offer');

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
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 127.0.0.1',
    'a=mid:0',
    'a=sctp-port:5000',
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    `a=fingerprint:sha-256 ${fingerprint?.value}`,
    'a=setup:actpass',
    ...candidates,
    '',
  ].join('\r\n');
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

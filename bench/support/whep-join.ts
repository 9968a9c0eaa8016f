import { once } from 'node:events';
import { readRtp, RtpViewer } from '../../test/support/rtp-viewer.ts';
import type { Join } from './join-marks.ts';

/** A WHEP client that has seen its first key frame. */
export interface WhepJoin {
  readonly join: Join;
  leave(): Promise<void>;
}

/** Joins a stream by WHEP and waits for its first key frame. The time begins with the offer, which takes the client itself a while to make. */
export async function joinByWhep(server: string, stream: string): Promise<WhepJoin> {
  let [offered, answered, connected] = [Number.NaN, Number.NaN, Number.NaN];
  let session = '';
  const viewer = await RtpViewer.open(async (offer) => {
    offered = performance.now();
    const url = `${server}/live/${stream}/whep`;
    const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`WHEP answered ${response.status}: ${answer}`);
    session = new URL(response.headers.get('Location') ?? '', url).href;
    answered = performance.now();
    return answer;
  });
  viewer.on('state', () => {
    if (viewer.state === 'connected') connected = performance.now();
  });
  // What the SFU sends to find out the bandwidth has another payload type; a consumer’s video begins with a key frame.
  const first = viewer.packets.length;
  const ends = (): boolean => viewer.packets.slice(first).some((packet) => (packet[1]! & 0x80) !== 0 && readRtp(packet).payloadType === 108);
  while (!ends()) await once(viewer, 'packet');
  const complete = performance.now();
  return {
    join: { total: complete - offered, steps: { watch: answered - offered, connect: connected - answered, 'key frame': complete - connected } },
    async leave() {
      await fetch(session, { method: 'DELETE' });
      await viewer.close();
    },
  };
}

import { PeerConnection, Video } from 'node-datachannel';

/** A connected receiver. */
export interface WhepReceiver {
  /** Idempotent. */
  close(): void;
}

/** Milliseconds in which a receiver has to be connected. */
const LIMIT_MS = 60_000;

/**
 * A WHEP client that is not a browser and decodes nothing: libdatachannel.
 * @param onPacket gets each RTP packet
 */
export async function openReceiver(server: string, stream: string, onPacket: (packet: Buffer) => void): Promise<WhepReceiver> {
  const peer = new PeerConnection('receiver', { iceServers: [], bindAddress: '127.0.0.1', disableAutoNegotiation: true });
  const video = new Video('video', 'RecvOnly');
  video.addH264Codec(96);
  const track = peer.addTrack(video);
  track.onMessage((packet: Buffer) => onPacket(packet));
  const offer = await new Promise<string>((resolve) => {
    peer.onGatheringStateChange((state) => {
      if (state === 'complete') resolve(peer.localDescription()!.sdp);
    });
    peer.setLocalDescription('offer');
  });
  const response = await fetch(`${server}/live/${stream}/whep`, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer });
  const answer = await response.text();
  if (response.status !== 201) {
    peer.close();
    throw new Error(`WHEP answered ${response.status}: ${answer}`);
  }
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The receiver did not connect in time.')), LIMIT_MS);
    peer.onStateChange((state) => {
      if (state !== 'connected') return;
      clearTimeout(timer);
      resolve();
    });
    peer.setRemoteDescription(answer, 'answer');
  });
  // Both are held: a track that nobody refers to is collected, and its packets with it.
  const held = { peer, track };
  return {
    close() {
      held.track.close();
      held.peer.close();
    },
  };
}

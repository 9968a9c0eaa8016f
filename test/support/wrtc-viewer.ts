import { EventEmitter, once } from 'node:events';
import wrtc from '@roamhq/wrtc';

/** A picture that libwebrtc has decoded. */
export interface WrtcPicture {
  readonly width: number;
  readonly height: number;
  /** Luma in the middle. */
  readonly luma: number;
}

/** A WHEP viewer that is not ours: libwebrtc, by @roamhq/wrtc, which has no H.264. */
export class WrtcViewer extends EventEmitter<{ picture: [WrtcPicture] }> implements AsyncDisposable {
  readonly #peer = new wrtc.RTCPeerConnection();
  #sink: InstanceType<typeof wrtc.nonstandard.RTCVideoSink> | undefined;
  #session: string | undefined;

  /** @returns the viewer, or the status of a refusal */
  static async open(url: string): Promise<WrtcViewer | number> {
    const viewer = new WrtcViewer();
    const peer = viewer.#peer;
    const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' });
    const offer = await peer.createOffer();
    await peer.setLocalDescription(offer);
    const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer.sdp ?? '' });
    const answer = await response.text();
    if (response.status !== 201) {
      peer.close();
      return response.status;
    }
    viewer.#session = new URL(response.headers.get('location') ?? '', url).href;
    viewer.#sink = new wrtc.nonstandard.RTCVideoSink(receiver.track);
    viewer.#sink.onframe = ({ frame: { width, height, data } }: { frame: { width: number; height: number; data: Uint8Array } }) => {
      viewer.emit('picture', { width, height, luma: data[Math.floor(height / 2) * width + Math.floor(width / 2)] ?? 0 });
    };
    await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    return viewer;
  }

  /** The first picture from now on that is meant. */
  async sees(meant: (picture: WrtcPicture) => boolean): Promise<WrtcPicture> {
    for (;;) {
      const [picture] = (await once(this, 'picture')) as [WrtcPicture];
      if (meant(picture)) return picture;
    }
  }

  /** Says that it ends. @returns the status with which the server took that */
  async delete(): Promise<number> {
    const { status } = await fetch(this.#session ?? '', { method: 'DELETE' });
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sink?.stop();
    this.#peer.close();
  }
}

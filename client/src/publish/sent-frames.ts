import { CaptureTimes } from './capture-times.ts';

/** Milliseconds that a worker has to start; the policy of a page may forbid it without a word. */
const START_MS = 1000;

/** Runs in a worker, where frames pass without waiting for the page. */
const WORKER = `
onrtctransform = ({ transformer: { readable, writable } }) => {
  const look = new TransformStream({
    transform(frame, controller) {
      controller.enqueue(frame);
      const { rtpTimestamp = frame.timestamp, captureTime } = frame.getMetadata();
      if (captureTime !== undefined) postMessage([rtpTimestamp, performance.timeOrigin + captureTime]);
    },
  });
  readable.pipeThrough(look).pipeTo(writable).catch(() => undefined);
};
postMessage('ready');
`;

/**
 * Learns when the frames that are sent were captured (WebRTC Encoded Transform, captureTime). A server that keeps its publisher's RTP timestamps shows them on the
 * annotated frames, which so are known again without a mark in the picture.
 */
export class SentFrames {
  readonly times = new CaptureTimes();
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data: [rtp, capturedAt] }: MessageEvent<[number, number]>) => this.times.keep(rtp, capturedAt);
  }

  /** Undefined where the browser or the policy of the page does not allow it. */
  static async open(): Promise<SentFrames | undefined> {
    if (!('RTCRtpScriptTransform' in globalThis)) return undefined;
    const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }));
    try {
      const worker = new Worker(url);
      if (await started(worker)) return new SentFrames(worker);
      worker.terminate();
    } catch {
      // It is published without.
    } finally {
      URL.revokeObjectURL(url);
    }
    return undefined;
  }

  /** All layers of what this sender sends are looked at. */
  attach(sender: RTCRtpSender): void {
    sender.transform = new RTCRtpScriptTransform(this.#worker);
  }

  /** Idempotent. */
  close(): void {
    this.#worker.terminate();
  }
}

function started(worker: Worker): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), START_MS);
    const end = (ready: boolean): void => {
      clearTimeout(timer);
      resolve(ready);
    };
    worker.onmessage = () => end(true);
    worker.onerror = () => end(false);
  });
}

import { parse, resolve } from 'node:path';
import { FrameNumberer } from '../../pipeline/frame.ts';
import { parseSourceAddress, publicAddress } from '../../pipeline/source/address.ts';
import { createSource } from '../../pipeline/source/open-source.ts';
import { PublisherInbox } from '../../pipeline/source/publish/publisher-inbox.ts';
import { SourceError } from '../../pipeline/source/source.ts';
import { PublishError } from './publish-error.ts';
import { Publishing, type PublishStatus } from './publishing.ts';
import type { Wrtc } from './whip-session.ts';
import { StatusLine } from '../status-line.ts';

/** Interval of status updates, in ms. */
const FIGURES_MS = 1000;

/** Options of the command line. */
export interface PublishOptions {
  readonly token?: string;
  readonly loop: boolean;
}

/**
 * Publishes until the source ends or a signal arrives. The process exits soon afterwards.
 * @throws PublishError, SourceError
 */
export async function publish(source: string, url: string, { token = process.env['FRAMELOCK_TOKEN'], loop }: PublishOptions): Promise<void> {
  const address = sourceAddress(source);
  const endpoint = { url: endpointUrl(url), token };
  const context = {
    numberer: new FrameNumberer(),
    loop,
    // Any file that this user may read.
    mediaRoots: [parse(process.cwd()).root],
    inbox: new PublisherInbox(() => undefined),
  };
  const line = new StatusLine();
  let status: PublishStatus | undefined;
  const publishing = new Publishing({
    wrtc: await loadWrtc(),
    endpoint,
    createSource: () => createSource(address, context),
    onStatus: (next) => line.update(stateLine((status = next), endpoint.url)),
  });
  const stop = (): void => publishing.stop();
  // Once: a second signal ends the process without waiting for the server.
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const meter = new SentMeter();
  const figures = setInterval(() => {
    void publishing.sent().then((sent) => {
      const rates = meter.measure(sent);
      if (status !== undefined && rates !== undefined) line.update(stateLine(status, endpoint.url), rates);
    });
  }, FIGURES_MS);
  try {
    await publishing.run();
  } finally {
    clearInterval(figures);
    process.off('SIGINT', stop).off('SIGTERM', stop);
    line.end();
    // After the result is printed. Otherwise threads of libwebrtc would keep the process alive, or crash it during their teardown.
    setImmediate(() => process.exit());
  }
}

/** Makes a path absolute; leaves an address unchanged. @throws SourceError */
function sourceAddress(text: string): string {
  const address = /^[a-z][a-z0-9+.-]+:\/\//i.test(text) ? text : resolve(text);
  if (parseSourceAddress(address).kind === 'publish') throw new SourceError('source-address', 'publish:// waits for a publisher: it is nothing that can be published.');
  return address;
}

/** @throws PublishError */
function endpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new PublishError(`“${text}” is no address of a WHIP server: http://HOST:8080/live/STREAM/whip`);
  return url;
}

/** @throws PublishError */
async function loadWrtc(): Promise<Wrtc> {
  try {
    return (await import('@roamhq/wrtc')).default;
  } catch (cause) {
    throw new PublishError('@roamhq/wrtc does not run on this machine, and publishing needs it.', { cause });
  }
}

function stateLine({ state, video, problem }: PublishStatus, url: URL): string {
  const what = video === undefined ? '' : ` ${video.codec} ${video.width}×${video.height}`;
  const trouble = problem === undefined ? '' : ` · ${problem}`;
  return `${state} ·${what} → ${publicAddress(url)}${trouble}`;
}

/** Derives rates from counts that restart with each session. */
class SentMeter {
  #last: { frames: number; bytes: number; at: number } | undefined;

  /** @returns frames and bits a second, as text; undefined without a previous measurement */
  measure(sent: { frames: number; bytes: number } | undefined): string | undefined {
    const last = this.#last;
    const at = performance.now();
    this.#last = sent === undefined ? undefined : { ...sent, at };
    if (sent === undefined || last === undefined || sent.frames < last.frames) return undefined;
    const seconds = (at - last.at) / 1000;
    return `${((sent.frames - last.frames) / seconds).toFixed(0)} fps · ${(((sent.bytes - last.bytes) * 8) / seconds / 1e6).toFixed(2)} Mbit/s`;
  }
}

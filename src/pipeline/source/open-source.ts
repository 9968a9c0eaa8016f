import { checkScheme, parseSourceAddress, SOURCE_SCHEMES, type SourceKind } from './address.ts';
import type { SourceTrust } from './trust.ts';
import { DemoSource } from './demo-source.ts';
import { fileSource } from './file-source.ts';
import { HttpSource } from './http-source.ts';
import { rtmpInput, rtspInput, srtInput, udpInput, v4l2Input, x11Input } from './live-inputs.ts';
import { LiveSource, type LiveInput } from './live-source.ts';
import { rtpInput } from './rtp-input.ts';
import type { PublishContext } from './publish-source.ts';
import { PublishedSource } from './published-source.ts';
import type { Source, SourceContext } from './source.ts';

/** What makes a source of each kind. */
const SOURCES: Record<SourceKind, (url: URL, context: PublishContext) => Source> = {
  demo: (url, context) => new DemoSource(url, context),
  file: fileSource,
  http: (url, context) => new HttpSource(url, context),
  publish: (url, context) => new PublishedSource(url, context),
  rtsp: live(rtspInput),
  rtmp: live(rtmpInput),
  udp: live(udpInput),
  srt: live(srtInput),
  rtp: live(rtpInput),
  v4l2: live(v4l2Input),
  x11: live(x11Input),
};

/**
 * A source for an address, not yet opened.
 * @param schemes those that are taken, without the colon
 * @throws SourceError `source-address`
 */
export function createSource(address: string, context: PublishContext, schemes: readonly string[] = SOURCE_SCHEMES): Source {
  const { kind, url } = parseSourceAddress(address);
  checkScheme(url, schemes);
  return SOURCES[kind](url, context);
}

function live(describe: (url: URL, trust?: SourceTrust) => LiveInput | Promise<LiveInput>) {
  return (url: URL, context: SourceContext): Source => new LiveSource(url, context, () => describe(url, context.trust));
}

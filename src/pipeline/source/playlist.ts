import { publicAddress } from './address.ts';
import { SourceError } from './source.ts';

/** Addresses in a playlist of HLS or DASH that name a scheme. */
const SCHEME = /(?:^|["'>\s=])([a-z][a-z0-9+.-]*):(?=[^\s"'<>]*)(?:\/\/|\/|,|[^\s"'<>]*[/|])/gim;
/** Words with a colon that are no addresses: namespaces of XML, and tags of HLS. */
const WORDS = /^(urn|xmlns|xsi|xlink|cenc|mspr|scte\d*|dvb|mp4|http|https|ext-x-[\w-]+|extinf)$/i;

/**
 * Looks through a playlist before libav follows it.
 * @throws SourceError `source-address` where it leads to anything but HTTP
 */
export function checkPlaylist(text: string, url: URL): void {
  for (const [, scheme = ''] of text.matchAll(SCHEME)) {
    if (WORDS.test(scheme)) continue;
    throw new SourceError('source-address', `The playlist ${publicAddress(url)} leads to an address of ${scheme}:, which is not followed.`);
  }
}

/** Whether a playlist tells that it is complete: RFC 8216 §4.3.3.4; ISO/IEC 23009-1 §5.3.1.2. */
export function isComplete(text: string): boolean {
  return text.startsWith('#EXTM3U') ? /^#EXT-X-ENDLIST/m.test(text) : !/<MPD[^>]*\btype\s*=\s*["']dynamic["']/.test(text);
}

/** The first playlist that a playlist of renditions names (RFC 8216 §4.3.4.2); undefined in one of segments. */
export function firstRendition(text: string, url: URL): URL | undefined {
  const name = /^#EXT-X-STREAM-INF[^\n]*\n(?:#[^\n]*\n|\s*\n)*([^#\s][^\n]*)/m.exec(text)?.[1]?.trim();
  return name !== undefined && URL.canParse(name, url) ? new URL(name, url) : undefined;
}

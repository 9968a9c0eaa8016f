import { parseSourceAddress, type SourceKind } from './address.ts';
import { DemoSource } from './demo-source.ts';
import { FileSource } from './file-source.ts';
import { PublishSource, type PublishContext } from './publish-source.ts';
import type { Source } from './source.ts';

/** One module a kind. */
const SOURCES: Record<SourceKind, new (url: URL, context: PublishContext) => Source> = {
  demo: DemoSource,
  file: FileSource,
  publish: PublishSource,
};

/**
 * A source for an address, not yet opened.
 * @throws SourceError `source-address`
 */
export function createSource(address: string, context: PublishContext): Source {
  const { kind, url } = parseSourceAddress(address);
  return new SOURCES[kind](url, context);
}

import type { Key, Localizer } from '../i18n/localizer.ts';

const KINDS: Readonly<Record<string, Key>> = { demo: 'source.demo', file: 'source.file', publish: 'source.publish', v4l2: 'source.v4l2', x11: 'source.x11' };

/** What a kind of source is called; kinds that have no name of ours are called by their scheme. */
export function sourceKind({ t }: Localizer, kind: string): string {
  const key = KINDS[kind];
  return key === undefined ? kind.toUpperCase() : t(key);
}

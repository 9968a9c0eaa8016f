import type { Key } from '../../i18n/localizer.ts';

/** The fields of the stream form that can be wrong. */
export const FIELDS = ['source', 'id', 'title', 'detectors', 'sync', 'deadlineMs', 'merge', 'mergeIou', 'late', 'attach', 'overlay', 'looks', 'privacy'] as const;
export type Field = (typeof FIELDS)[number];
/** What is wrong, by field: a text of ours, or the server's own words. */
export type FieldErrors = Readonly<Partial<Record<Field, { readonly key: Key } | { readonly text: string }>>>;

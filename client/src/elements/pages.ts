/** A page of the application, by its address. */
export type AppPage = { readonly name: 'overview' } | { readonly name: 'publish' } | { readonly name: 'watch'; readonly stream: string } | { readonly name: 'missing' };

/** @param path of a URL */
export function pageOf(path: string): AppPage {
  if (path === '/') return { name: 'overview' };
  if (/^\/publish\/?$/.test(path)) return { name: 'publish' };
  const stream = /^\/watch\/([a-z0-9][a-z0-9-]{0,62})\/?$/.exec(path)?.[1];
  return stream === undefined ? { name: 'missing' } : { name: 'watch', stream };
}

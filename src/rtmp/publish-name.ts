/** The application of all streams: the first segment of the path. */
export const APPLICATION = 'live';

/** The stream and key that a publisher named. */
export interface PublishName {
  /** As written: it may not be a valid id. */
  readonly stream: string;
  readonly key: string | undefined;
}

/** Whether the application of `connect` is `live`, with or without a stream or parameters after it. */
export function isApplication(app: string): boolean {
  return splitQuery(app).path.split('/')[0] === APPLICATION;
}

/**
 * Finds stream and key in what encoders make of an address and a stream key: `live` and `ID?key=KEY`, `live/ID` and `KEY`, `live?key=KEY`
 * and `ID`.
 * @param app the application of `connect`
 * @param name the stream name of `publish`
 */
export function readPublishName(app: string, name: string): PublishName {
  const [place, named] = [splitQuery(app), splitQuery(name)];
  const [, stream] = place.path.split('/');
  const key = named.query.get('key') ?? place.query.get('key') ?? undefined;
  if (stream === undefined || stream === '') return { stream: named.path, key };
  return { stream, key: key ?? (named.path === '' ? undefined : named.path) };
}

function splitQuery(text: string): { path: string; query: URLSearchParams } {
  const at = text.indexOf('?');
  const path = at < 0 ? text : text.slice(0, at);
  return { path: path.replace(/^\/+|\/+$/g, ''), query: new URLSearchParams(at < 0 ? '' : text.slice(at + 1)) };
}

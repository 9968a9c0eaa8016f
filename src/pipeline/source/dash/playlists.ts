import type { DashManifest, DashTrack } from './manifest.ts';

/** Milliseconds for which a manifest is not asked for again: both tracks are told of by the same one. */
const FRESH_MS = 500;
/** A manifest may fail to be read this often in a row, such as while it is being replaced; meanwhile the last one counts. */
const MOST_FAILURES = 3;

/**
 * A live presentation of DASH as playlists of HLS (RFC 8216): libav waits for the next segment of a playlist, and passes over those that have gone, but takes
 * the next segment of a live manifest for lost, asks for the ones after it, and has given up within a second.
 */
export class DashPlaylists {
  readonly #read: () => Promise<DashManifest>;
  readonly #told: Record<DashTrack['kind'], Told> = { video: { first: 0, urls: [] }, audio: { first: 0, urls: [] } };
  #manifest: Promise<DashManifest>;
  #until = 0;
  #failures = 0;

  /** @param read asks for the manifest; @throws SourceError */
  constructor(first: DashManifest, read: () => Promise<DashManifest>) {
    this.#manifest = Promise.resolve(first);
    this.#read = read;
  }

  /** @returns undefined where there is no such playlist; @throws SourceError */
  async answer(path: string): Promise<string | undefined> {
    const manifest = await this.#newest();
    switch (path) {
      case '/live.m3u8':
        return variants(manifest);
      case '/video.m3u8':
        return this.#list(manifest.video, manifest.complete);
      case '/audio.m3u8':
        return manifest.audio === undefined ? undefined : this.#list(manifest.audio, manifest.complete);
      default:
        return undefined;
    }
  }

  #newest(): Promise<DashManifest> {
    if (performance.now() > this.#until) {
      this.#until = performance.now() + FRESH_MS;
      this.#manifest = this.#next(this.#manifest);
      this.#manifest.catch(() => undefined);
    }
    return this.#manifest;
  }

  async #next(last: Promise<DashManifest>): Promise<DashManifest> {
    try {
      const manifest = await this.#read();
      this.#failures = 0;
      return manifest;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures >= MOST_FAILURES) throw error;
      return last;
    }
  }

  #list({ kind, init, segments }: DashTrack, complete: boolean): string {
    const told = this.#told[kind];
    const urls = segments.map(({ url }) => url);
    // Numbers go on from list to list, also where the numbers of a manifest begin anew.
    const at = told.urls.indexOf(urls[0] ?? '');
    if (urls.length > 0) this.#told[kind] = { first: told.first + (at < 0 ? told.urls.length : at), urls };
    return [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      `#EXT-X-TARGETDURATION:${Math.max(1, ...segments.map(({ seconds }) => Math.ceil(seconds)))}`,
      `#EXT-X-MEDIA-SEQUENCE:${this.#told[kind].first}`,
      ...(init === undefined ? [] : [`#EXT-X-MAP:URI="${init}"`]),
      ...segments.flatMap(({ url, seconds }) => [`#EXTINF:${seconds.toFixed(5)},`, url]),
      ...(complete ? ['#EXT-X-ENDLIST'] : []),
      '',
    ].join('\n');
  }
}

/** What the last list held: the number of its first segment, and the addresses of all. */
interface Told {
  readonly first: number;
  readonly urls: readonly string[];
}

function variants({ video, audio }: DashManifest): string {
  const sound = audio === undefined ? [] : ['#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="audio.m3u8"'];
  const info = `#EXT-X-STREAM-INF:BANDWIDTH=${video.bandwidth + (audio?.bandwidth ?? 0)}${audio === undefined ? '' : ',AUDIO="sound"'}`;
  return ['#EXTM3U', '#EXT-X-VERSION:7', ...sound, info, 'video.m3u8', ''].join('\n');
}

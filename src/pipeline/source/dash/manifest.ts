import { parseXml, type XmlElement } from './xml.ts';

/** A part of a track, and how long it plays, in seconds. */
export interface DashSegment {
  readonly url: string;
  readonly seconds: number;
}

/** One representation of a live presentation. */
export interface DashTrack {
  readonly kind: 'video' | 'audio';
  /** Bits a second. */
  readonly bandwidth: number;
  /** What has to be read before its segments. */
  readonly init: string | undefined;
  /** Those that can be had now, oldest first. */
  readonly segments: readonly DashSegment[];
}

export interface DashManifest {
  /** Nothing comes any more. */
  readonly complete: boolean;
  /** The best video, and the best sound where it has some. */
  readonly video: DashTrack;
  readonly audio: DashTrack | undefined;
}

/** Segments of which is told, newest last; more than a live source is ever behind. */
const MOST_SEGMENTS = 30;

/**
 * What a manifest of a live presentation offers (ISO/IEC 23009-1), of its last period, by `SegmentTemplate` with or without a timeline.
 * @param url where it came from
 * @param serverMs the server's time, milliseconds since the epoch
 * @returns undefined where it has no video that is described in this way
 */
export function parseManifest(text: string, url: URL, serverMs: number): DashManifest | undefined {
  const root = parseXml(text);
  if (root?.name !== 'MPD') return undefined;
  const period = all(root, 'Period').at(-1);
  if (period === undefined) return undefined;
  const begun = Date.parse(root.attributes['availabilityStartTime'] ?? '') || 0;
  const elapsed = (serverMs - begun) / 1000 - seconds(period.attributes['start']);
  const base = based(based(url, root), period);
  const described = all(period, 'AdaptationSet').flatMap((set) => representationsOf(period, set));
  // Segments are listed of what is chosen only, so that a long list of representations and a long timeline don't multiply.
  const best = (kind: DashTrack['kind']): DashTrack | undefined => {
    const one = described
      .filter((each) => each.kind === kind)
      .reduce<Representation | undefined>((chosen, other) => (other.bandwidth > (chosen?.bandwidth ?? -1) ? other : chosen), undefined);
    return one && trackOf(one, base, elapsed);
  };
  const video = best('video');
  return video === undefined ? undefined : { complete: root.attributes['type'] !== 'dynamic', video, audio: best('audio') };
}

/** One that is described by templates. */
interface Representation {
  readonly kind: DashTrack['kind'];
  readonly bandwidth: number;
  readonly set: XmlElement;
  readonly element: XmlElement;
  /** Its own template after those of its set and its period. */
  readonly templates: readonly XmlElement[];
}

function representationsOf(period: XmlElement, set: XmlElement): Representation[] {
  const outer = [last(period, 'SegmentTemplate'), last(set, 'SegmentTemplate')];
  return all(set, 'Representation').flatMap((element): Representation[] => {
    const said = (name: string): string | undefined => element.attributes[name] ?? set.attributes[name];
    const [, kind] = /^(video|audio)\b/.exec(said('mimeType') ?? said('contentType') ?? '') ?? [];
    const templates = [...outer, last(element, 'SegmentTemplate')].filter((one) => one !== undefined);
    if ((kind !== 'video' && kind !== 'audio') || !templates.some(({ attributes }) => attributes['media'] !== undefined)) return [];
    return [{ kind, bandwidth: Number(said('bandwidth') ?? 0), set, element, templates }];
  });
}

/**
 * @param base address of the period
 * @param elapsed seconds since the period began
 * @returns undefined where its templates make no addresses
 */
function trackOf({ kind, bandwidth, set, element, templates }: Representation, base: URL, elapsed: number): DashTrack | undefined {
  const template: Record<string, string | undefined> = Object.assign({}, ...templates.map(({ attributes }) => attributes));
  const timeline = templates.flatMap((one) => all(one, 'SegmentTimeline')).at(-1);
  const scale = Number(template['timescale'] ?? 1);
  const shape: Shape = { first: Number(template['startNumber'] ?? 1), offset: Number(template['presentationTimeOffset'] ?? 0), elapsed: elapsed * scale };
  const places = timeline === undefined ? byDuration(Number(template['duration']), shape) : byTimeline(all(timeline, 'S'), shape);
  const place = based(based(base, set), element);
  const address = (pattern: string, { number, time }: Place): string | undefined =>
    URL.parse(filled(pattern, { RepresentationID: element.attributes['id'] ?? '', Bandwidth: String(bandwidth), Number: number, Time: time }), place)?.href;
  const { initialization, media = '' } = template;
  const init = initialization === undefined ? undefined : address(initialization, { number: 0, time: 0, duration: 0 });
  const segments = places.flatMap((one): DashSegment[] => {
    const url = address(media, one);
    return url === undefined ? [] : [{ url, seconds: one.duration / scale }];
  });
  return segments.length < places.length || (init === undefined && initialization !== undefined) ? undefined : { kind, bandwidth, init, segments };
}

/** All times in ticks of the track. */
interface Shape {
  readonly first: number;
  readonly offset: number;
  readonly elapsed: number;
}

interface Place {
  readonly number: number;
  readonly time: number;
  readonly duration: number;
}

/** §5.3.9.6: a negative `r` repeats up to the next entry, or up to now. */
function byTimeline(entries: readonly XmlElement[], { first, offset, elapsed }: Shape): Place[] {
  const places: Place[] = [];
  let [number, time] = [first, 0];
  entries.forEach(({ attributes }, i) => {
    time = Number(attributes['t'] ?? time);
    const duration = Number(attributes['d']);
    if (!(duration > 0)) return;
    const r = Number(attributes['r'] ?? 0);
    const until = Number(entries[i + 1]?.attributes['t'] ?? elapsed + offset);
    const count = Math.max(0, r >= 0 ? r + 1 : Math.floor((until - time) / duration));
    for (let k = Math.max(0, count - MOST_SEGMENTS); k < count; k++) places.push({ number: number + k, time: time + k * duration, duration });
    number += count;
    time += count * duration;
    if (places.length > MOST_SEGMENTS) places.splice(0, places.length - MOST_SEGMENTS);
  });
  return places;
}

/** §5.3.9.5.3: a segment can be had when it has passed. */
function byDuration(duration: number, { first, offset, elapsed }: Shape): Place[] {
  const count = duration > 0 ? Math.floor(elapsed / duration) : 0;
  const oldest = Math.max(0, count - MOST_SEGMENTS);
  return Array.from({ length: Math.max(0, count - oldest) }, (_, i) => ({ number: first + oldest + i, time: offset + (oldest + i) * duration, duration }));
}

/** §5.3.9.4.4 */
function filled(pattern: string, values: Readonly<Record<string, string | number>>): string {
  return pattern.replace(/\$(?:(RepresentationID|Number|Bandwidth|Time)(?:%0(\d{1,2})d)?)?\$/g, (_whole, name?: string, width = '0') =>
    name === undefined ? '$' : String(values[name]).padStart(Number(width), '0'),
  );
}

function all({ children }: XmlElement, name: string): XmlElement[] {
  return children.filter((child) => child.name === name);
}

function last({ children }: XmlElement, name: string): XmlElement | undefined {
  return children.findLast((child) => child.name === name);
}

function based(base: URL, element: XmlElement): URL {
  const text = all(element, 'BaseURL')[0]?.text.trim() ?? '';
  return text !== '' && URL.canParse(text, base) ? new URL(text, base) : base;
}

/** Of a duration of ISO 8601 without years and months. */
function seconds(duration = ''): number {
  const [, days = 0, hours = 0, minutes = 0, rest = 0] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(duration) ?? [];
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}

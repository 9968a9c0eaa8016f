import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseManifest, type DashManifest } from '../../../src/pipeline/source/dash/manifest.ts';
import { DashPlaylists } from '../../../src/pipeline/source/dash/playlists.ts';
import { parseXml } from '../../../src/pipeline/source/dash/xml.ts';

const URL_OF = new URL('https://cdn.example/live/event.mpd?key=1');
const BEGUN = Date.parse('2026-01-01T00:00:00Z');

/** @param sets what the period holds */
function manifest(sets: string, { after = 60, of = '' } = {}): DashManifest | undefined {
  const text = `<?xml version="1.0"?><!-- live --><mpd:MPD xmlns:mpd="urn:mpeg:dash:schema:mpd:2011" type="dynamic" availabilityStartTime="2026-01-01T00:00:00Z">${of}<mpd:Period start="PT10S">${sets}</mpd:Period></mpd:MPD>`;
  return parseManifest(text, URL_OF, BEGUN + after * 1000);
}

const TIMELINE = '<SegmentTimeline><S t="900" d="180" r="1"/><S d="90"/></SegmentTimeline>';

describe('a manifest of DASH', () => {
  test('numbers the segments of a timeline on, and fills in its templates', () => {
    const set = `<AdaptationSet mimeType="video/mp4"><SegmentTemplate timescale="90" startNumber="7" media="$RepresentationID$/$Bandwidth$-$Number%04d$.m4s?a=1&amp;b=$$" initialization="$RepresentationID$/init.mp4">${TIMELINE}</SegmentTemplate><Representation id="hd" bandwidth="5000"/></AdaptationSet>`;
    const { video, audio } = manifest(set, { of: '<BaseURL> https://edge.example/a/ </BaseURL>' })!;
    assert.equal(audio, undefined);
    assert.equal(video.init, 'https://edge.example/a/hd/init.mp4');
    assert.deepEqual(video.segments, [
      { url: 'https://edge.example/a/hd/5000-0007.m4s?a=1&b=$', seconds: 2 },
      { url: 'https://edge.example/a/hd/5000-0008.m4s?a=1&b=$', seconds: 2 },
      { url: 'https://edge.example/a/hd/5000-0009.m4s?a=1&b=$', seconds: 1 },
    ]);
  });

  test('addresses segments by their time, of the best video and the best sound', () => {
    const set = (kind: string, ...rates: number[]): string =>
      `<AdaptationSet contentType="${kind}"><SegmentTemplate timescale="90" media="${kind}-$RepresentationID$-$Time$.m4s">${TIMELINE}</SegmentTemplate>${rates.map((rate) => `<Representation id="${rate}" bandwidth="${rate}"/>`).join('')}</AdaptationSet>`;
    const { video, audio } = manifest(set('video', 800, 3000, 1500) + set('audio', 64) + set('text', 1))!;
    assert.deepEqual(video.segments.map(({ url }) => url.split('/').at(-1)), ['video-3000-900.m4s', 'video-3000-1080.m4s', 'video-3000-1260.m4s']);
    assert.equal(audio?.segments[0]?.url, 'https://cdn.example/live/audio-64-900.m4s');
  });

  test('offers the segments of a constant duration that have passed by the server’s clock', () => {
    const set = '<AdaptationSet><Representation id="1" mimeType="video/mp4" bandwidth="1"><SegmentTemplate duration="4" startNumber="1" media="$Number$.m4s"/></Representation></AdaptationSet>';
    const names = (after: number): string[] => manifest(set, { after })!.video.segments.map(({ url }) => url.split('/').at(-1)!);
    assert.deepEqual(names(13), []);
    assert.deepEqual(names(23), ['1.m4s', '2.m4s', '3.m4s']);
    assert.equal(names(10_010).length, 30);
    assert.equal(names(10_010).at(-1), '2500.m4s');
  });

  test('repeats the last duration of a timeline up to now, however long that has been', () => {
    const set = '<AdaptationSet mimeType="video/mp4"><SegmentTemplate timescale="10" media="$Number$-$Time$.m4s"><SegmentTimeline><S t="0" d="20" r="-1"/></SegmentTimeline></SegmentTemplate><Representation id="1"/></AdaptationSet>';
    assert.equal(manifest(set, { after: 86_410 })!.video.segments.at(-1)?.url, 'https://cdn.example/live/43200-863980.m4s');
  });

  test('is read in little, however often its segments repeat and however long its lists are', () => {
    const set = (timeline: string, representations: string): string =>
      `<AdaptationSet mimeType="video/mp4"><SegmentTemplate media="$Number$.m4s"><SegmentTimeline>${timeline}</SegmentTimeline></SegmentTemplate>${representations}</AdaptationSet>`;
    const { segments } = manifest(set('<S t="0" d="1" r="2000000000"/>', '<Representation id="1"/>'))!.video;
    assert.equal(segments.length, 30);
    assert.equal(segments.at(-1)?.url, 'https://cdn.example/live/2000000001.m4s');
    // Times each other these would be 3.6 thousand million segments.
    const { video } = manifest(set('<S d="1"/>'.repeat(60_000), '<Representation/>'.repeat(60_000)))!;
    assert.equal(video.segments.at(-1)?.url, 'https://cdn.example/live/60000.m4s');
  });

  test('whose templates make no addresses has no video', () => {
    const set = (template: string): string => `<AdaptationSet mimeType="video/mp4"><SegmentTemplate duration="4" ${template}/><Representation id="1"/></AdaptationSet>`;
    assert.equal(manifest(set('media="http://["')), undefined);
    assert.equal(manifest(set('media="$Number$.m4s" initialization="http://["')), undefined);
    assert.equal(manifest(set('media="$Number$.m4s" initialization="init.mp4"'))?.video.segments.length, 12);
  });

  test('that describes no video by templates is none', () => {
    assert.equal(manifest('<AdaptationSet mimeType="video/mp4"><Representation id="1"><BaseURL>a.mp4</BaseURL></Representation></AdaptationSet>'), undefined);
    assert.equal(parseManifest('<MPD type="dynamic"><Period>', URL_OF, BEGUN), undefined);
  });

  test('has its entities read, of which it can define none', () => {
    assert.equal(parseXml('<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&lt;&#65;<![CDATA[<&]]></a>')?.text, '<A<&');
    assert.equal(parseXml('<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'), undefined);
    assert.equal(parseXml('<a>'.repeat(1000)), undefined);
  });
});

describe('a presentation as playlists', () => {
  const track = (...names: string[]): DashManifest => ({
    complete: false,
    audio: undefined,
    video: { kind: 'video', bandwidth: 1000, init: 'http://x/init.mp4', segments: names.map((name) => ({ url: `http://x/${name}`, seconds: 1.5 })) },
  });

  test('goes on with its numbers where segments have gone, and where the manifest begins anew', async (t) => {
    let time = 0;
    t.mock.method(performance, 'now', () => (time += 1000));
    const manifests = [track('1', '2', '3'), track('3', '4'), track('9'), track('1', '2')];
    const playlists = new DashPlaylists(manifests[0]!, () => Promise.resolve(manifests.shift()!));
    const numbers: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) numbers.push(/SEQUENCE:(\d+)/.exec((await playlists.answer('/video.m3u8')) ?? '')?.[1]);
    assert.deepEqual(numbers, ['0', '2', '4', '5']);
  });

  test('outlives a manifest that can’t be read now and then, but not one that has gone', async (t) => {
    let time = 0;
    t.mock.method(performance, 'now', () => (time += 1000));
    const playlists = new DashPlaylists(track('1'), () => Promise.reject(new Error('cut off')));
    for (let i = 0; i < 2; i++) assert.match((await playlists.answer('/video.m3u8'))!, /x\/1\n/);
    await assert.rejects(playlists.answer('/video.m3u8'), /cut off/);
  });

  test('names its parts', async () => {
    const playlists = new DashPlaylists(track('1'), () => Promise.resolve(track('1')));
    assert.match((await playlists.answer('/live.m3u8'))!, /#EXT-X-STREAM-INF:BANDWIDTH=1000\nvideo\.m3u8/);
    assert.match((await playlists.answer('/video.m3u8'))!, /TARGETDURATION:2\n[^]*#EXT-X-MAP:URI="http:\/\/x\/init\.mp4"\n#EXTINF:1\.50000,\nhttp:\/\/x\/1\n$/);
    assert.equal(await playlists.answer('/audio.m3u8'), undefined);
  });
});

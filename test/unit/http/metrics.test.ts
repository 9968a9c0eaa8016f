import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import express from 'express';
import { Metrics, type Measured } from '../../../src/http/metrics.ts';
import type { StatsView, StreamView } from '../../../src/streams/view.ts';

/** A stream of which only what is measured is known. */
function stream(id: string, state: StreamView['state'], viewers: number, detectors: StatsView['detectors'] = {}): StreamView {
  const stats: Partial<StatsView> = {
    fps: 29.97,
    bitrate: 1_500_000 * viewers,
    dropped: viewers,
    restarts: 2 * viewers,
    latency: { decodeToSendMs: { p50: 11.5 * viewers, p95: 29 } },
    detectors,
    process: { cpuUs: 1_234_500, rss: 96 * 2 ** 20 },
  };
  return { id, state, viewers, stats } as StreamView;
}

const MEASURED: Measured = {
  registry: {
    list: () => [
      stream('gate', 'live', 1, {
        'street-nano': { state: 'ready', fps: 30, inferenceMs: 8.25, offered: 900, taken: 890, skipped: 10, queueMs: 0.5, batch: 1.5, age: 0 },
        own: { state: 'ready', fps: 5, inferenceMs: 40, offered: 900, taken: 150, skipped: 750, workers: 2, roundTripMs: 55, lost: 3 },
      }),
      stream('yard', 'retrying', 0),
    ],
  },
  detector: { state: 'ready', restarts: 4 },
  notifier: {
    stats: {
      webhooks: [
        { host: 'a.example', waiting: 1, delivered: 20, failures: 3, dead: 0 },
        { host: 'b"\\\n.example', waiting: 0, delivered: 0, failures: 0, dead: 5 },
      ],
      mqtt: { connected: true, published: 70, dropped: 6 },
    },
  },
  version: '1.2.3',
};

/** What others have built dashboards and alerts upon: types, names, labels and what they count. Values that nothing here decides are `…`. */
const KNOWN = String.raw`
# build_info gauge
build_info{version="1.2.3",node="NODE"} 1
# uptime_seconds gauge
uptime_seconds …
# control_cpu_seconds_total counter
control_cpu_seconds_total …
# control_resident_bytes gauge
control_resident_bytes …
# detector_up gauge
detector_up 1
# detector_restarts_total counter
detector_restarts_total 4
# stream_state gauge
stream_state{stream="gate",state="idle"} 0
stream_state{stream="gate",state="connecting"} 0
stream_state{stream="gate",state="live"} 1
stream_state{stream="gate",state="stalled"} 0
stream_state{stream="gate",state="retrying"} 0
stream_state{stream="gate",state="failed"} 0
stream_state{stream="gate",state="stopped"} 0
stream_state{stream="yard",state="idle"} 0
stream_state{stream="yard",state="connecting"} 0
stream_state{stream="yard",state="live"} 0
stream_state{stream="yard",state="stalled"} 0
stream_state{stream="yard",state="retrying"} 1
stream_state{stream="yard",state="failed"} 0
stream_state{stream="yard",state="stopped"} 0
# stream_fps gauge
stream_fps{stream="gate"} 29.97
stream_fps{stream="yard"} 29.97
# stream_bitrate gauge
stream_bitrate{stream="gate"} 1500000
stream_bitrate{stream="yard"} 0
# stream_dropped_total counter
stream_dropped_total{stream="gate"} 1
stream_dropped_total{stream="yard"} 0
# stream_restarts_total counter
stream_restarts_total{stream="gate"} 2
stream_restarts_total{stream="yard"} 0
# stream_viewers gauge
stream_viewers{stream="gate"} 1
stream_viewers{stream="yard"} 0
# stream_decode_to_send_ms gauge
stream_decode_to_send_ms{stream="gate",quantile="0.5"} 11.5
stream_decode_to_send_ms{stream="yard",quantile="0.5"} 0
stream_decode_to_send_ms{stream="gate",quantile="0.95"} 29
stream_decode_to_send_ms{stream="yard",quantile="0.95"} 29
# stream_cpu_seconds gauge
stream_cpu_seconds{stream="gate"} 1.2345
stream_cpu_seconds{stream="yard"} 1.2345
# stream_resident_bytes gauge
stream_resident_bytes{stream="gate"} 100663296
stream_resident_bytes{stream="yard"} 100663296
# stream_detector_fps gauge
stream_detector_fps{stream="gate",detector="street-nano"} 30
stream_detector_fps{stream="gate",detector="own"} 5
# stream_detector_inference_ms gauge
stream_detector_inference_ms{stream="gate",detector="street-nano"} 8.25
stream_detector_inference_ms{stream="gate",detector="own"} 40
# stream_detector_offered_total counter
stream_detector_offered_total{stream="gate",detector="street-nano"} 900
stream_detector_offered_total{stream="gate",detector="own"} 900
# stream_detector_taken_total counter
stream_detector_taken_total{stream="gate",detector="street-nano"} 890
stream_detector_taken_total{stream="gate",detector="own"} 150
# stream_detector_skipped_total counter
stream_detector_skipped_total{stream="gate",detector="street-nano"} 10
stream_detector_skipped_total{stream="gate",detector="own"} 750
# stream_detector_queue_ms gauge
stream_detector_queue_ms{stream="gate",detector="street-nano"} 0.5
# stream_detector_batch_frames gauge
stream_detector_batch_frames{stream="gate",detector="street-nano"} 1.5
# stream_detector_age_frames gauge
stream_detector_age_frames{stream="gate",detector="street-nano"} 0
# stream_detector_workers gauge
stream_detector_workers{stream="gate",detector="own"} 2
# stream_detector_round_trip_ms gauge
stream_detector_round_trip_ms{stream="gate",detector="own"} 55
# stream_detector_lost_total counter
stream_detector_lost_total{stream="gate",detector="own"} 3
# webhook_waiting gauge
webhook_waiting{webhook="0",host="a.example"} 1
webhook_waiting{webhook="1",host="b\"\\\n.example"} 0
# webhook_delivered_total counter
webhook_delivered_total{webhook="0",host="a.example"} 20
webhook_delivered_total{webhook="1",host="b\"\\\n.example"} 0
# webhook_failures_total counter
webhook_failures_total{webhook="0",host="a.example"} 3
webhook_failures_total{webhook="1",host="b\"\\\n.example"} 0
# webhook_dead_total counter
webhook_dead_total{webhook="0",host="a.example"} 0
webhook_dead_total{webhook="1",host="b\"\\\n.example"} 5
# mqtt_connected gauge
mqtt_connected 1
# mqtt_published_total counter
mqtt_published_total 70
# mqtt_dropped_total counter
mqtt_dropped_total 6
`;

describe('metrics', () => {
  it('keep their names, types, labels and values from scrape to scrape', async () => {
    const metrics = new Metrics(MEASURED);
    const first = known(await metrics.text());
    assert.deepEqual(first, KNOWN.trim().replace('NODE', process.version).split('\n'));
    assert.deepEqual(known(await metrics.text()), first);
  });

  it('each say what they are', async () => {
    const lines = (await new Metrics(MEASURED).text()).split('\n');
    const types = lines.filter((line) => line.startsWith('# TYPE'));
    assert.equal(types.length, lines.filter((line) => /^# HELP framelock_\w+ [A-Z1].*\.$/.test(line)).length);
  });

  it('of what has gone, or never was, are gone too', async () => {
    const notifier: { stats: Measured['notifier']['stats'] } = { ...MEASURED.notifier };
    let streams = MEASURED.registry.list();
    const metrics = new Metrics({ ...MEASURED, notifier, registry: { list: () => streams } });
    assert.match(await metrics.text(), /"gate"[^]*mqtt_connected 1/);
    streams = [];
    notifier.stats = { webhooks: [] };
    assert.doesNotMatch(await metrics.text(), /^framelock_(stream|webhook|mqtt|http)/m);
  });

  it('of two servers in one process are not mixed up', async () => {
    const [one, other] = [new Metrics(MEASURED), new Metrics({ ...MEASURED, version: '2.0.0' })];
    assert.match(await one.text(), /version="1\.2\.3"/);
    assert.doesNotMatch(await other.text(), /version="1\.2\.3"/);
  });

  it('time the requests that are answered to the end, and no others', async () => {
    const metrics = new Metrics(MEASURED);
    const app = express().use(metrics.timing);
    app.get('/', (_request, response) => response.send('yes'));
    app.get('/events', (_request, response) => void response.write('for ever'));
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      for (const method of ['GET', 'GET', 'POST']) await (await fetch(origin, { method })).text();
      const leaving = new AbortController();
      const left = once(server, 'request').then(([, response]) => once(response as NodeJS.EventEmitter, 'close'));
      await fetch(`${origin}/events`, { signal: leaving.signal });
      leaving.abort();
      await left;
      const counts = (await metrics.text()).split('\n').filter((line) => line.includes('duration_seconds_count'));
      assert.deepEqual(counts, ['framelock_http_request_duration_seconds_count{method="GET",status="200"} 2', 'framelock_http_request_duration_seconds_count{method="POST",status="404"} 1']);
      assert.match(await metrics.text(), /_bucket\{le="\+Inf",method="GET",status="200"\} 2/);
    } finally {
      server.close();
    }
  });
});

/** Types and samples, without `framelock_` and without requests, which {@link MEASURED} has none of. */
function known(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# HELP') && !line.includes('http_request'))
    .map((line) => line.replace('TYPE ', '').replace('framelock_', ''))
    .map((line) => line.replace(/^(uptime_seconds|control_\w+) \d+(\.\d+)?$/, '$1 …'));
}

import type { RequestHandler } from 'express';
import { Counter, Gauge, Histogram, prometheusContentType, Registry } from 'prom-client';
import type { DetectorHost } from '../detectors/detector-host.ts';
import type { MqttStats } from '../notify/mqtt.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { WebhookStats } from '../notify/webhook.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { STREAM_STATES } from '../streams/stream-state.ts';
import type { StreamView } from '../streams/view.ts';

/** The media type of {@link Metrics.text}. */
export const METRICS_TYPE = prometheusContentType;

/** Where measurements come from. */
export interface Measured {
  readonly registry: Pick<StreamRegistry, 'list'>;
  readonly detector: Pick<DetectorHost, 'state' | 'restarts'>;
  readonly notifier: Pick<Notifier, 'stats'>;
  readonly version: string;
}

/** What one scrape sees: every metric of it is taken from the same moment. */
interface Snapshot extends Pick<Measured, 'detector' | 'version'> {
  readonly streams: readonly StreamView[];
  readonly webhooks: readonly WebhookStats[];
  /** Absent without a broker. */
  readonly mqtt: MqttStats | undefined;
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];
type Read = (snapshot: Snapshot) => readonly Sample[];
/** A total ends with `_total` and is a counter, everything else is a gauge. */
type Description = readonly [name: string, help: string, labels: readonly string[], read: Read];

const one = (value: (snapshot: Snapshot) => number): Read => (snapshot) => [[{}, value(snapshot)]];
const ofStream = (value: (stream: StreamView) => number): Read => ({ streams }) => streams.map((stream) => [{ stream: stream.id }, value(stream)]);
const ofDetector = (key: 'fps' | 'inferenceMs' | 'offered' | 'taken' | 'skipped' | 'queueMs' | 'batch' | 'age' | 'workers' | 'roundTripMs' | 'lost'): Read => ({ streams }) =>
  streams.flatMap(({ id, stats }) =>
    Object.entries(stats.detectors).flatMap(([detector, { [key]: value }]): Sample[] => (value === undefined ? [] : [[{ stream: id, detector }, value]])),
  );
const ofWebhook = (key: Exclude<keyof WebhookStats, 'host'>): Read => ({ webhooks }) => webhooks.map((webhook, index) => [{ webhook: String(index), host: webhook.host }, webhook[key]]);
const ofBroker = (value: (stats: MqttStats) => number): Read => ({ mqtt }) => (mqtt === undefined ? [] : [[{}, value(mqtt)]]);
const statesOf: Read = ({ streams }) => streams.flatMap(({ id, state }) => STREAM_STATES.map((name): Sample => [{ stream: id, state: name }, Number(name === state)]));
const latenciesOf: Read = ({ streams }) =>
  (['p50', 'p95'] as const).flatMap((key) => streams.map(({ id, stats }): Sample => [{ stream: id, quantile: key === 'p50' ? '0.5' : '0.95' }, stats.latency.decodeToSendMs[key]]));

const STREAM = ['stream'];
const DETECTOR = ['stream', 'detector'];
const WEBHOOK = ['webhook', 'host'];

const METRICS: readonly Description[] = [
  ['build_info', 'Version that runs.', ['version', 'node'], ({ version }) => [[{ version, node: process.version }, 1]]],
  ['uptime_seconds', 'Seconds since the start.', [], one(() => process.uptime())],
  ['control_cpu_seconds_total', 'CPU time of the control process.', [], one(cpuSeconds)],
  ['control_resident_bytes', 'Memory of the control process.', [], one(() => process.memoryUsage.rss())],
  ['detector_up', '1 while the detector process takes frames.', [], one(({ detector }) => Number(detector.state === 'ready'))],
  ['detector_restarts_total', 'Times that the detector process ended by itself.', [], one(({ detector }) => detector.restarts)],
  ['stream_state', '1 for the state that a stream is in.', ['stream', 'state'], statesOf],
  ['stream_fps', 'Frames in the last second.', STREAM, ofStream(({ stats }) => stats.fps)],
  ['stream_bitrate', 'Bits in the last second, all variants.', STREAM, ofStream(({ stats }) => stats.bitrate)],
  ['stream_dropped_total', 'Frames lost to a full pipeline.', STREAM, ofStream(({ stats }) => stats.dropped)],
  ['stream_restarts_total', 'Times that the stream process ended by itself.', STREAM, ofStream(({ stats }) => stats.restarts)],
  ['stream_viewers', 'Viewers.', STREAM, ofStream(({ viewers }) => viewers)],
  ['stream_decode_to_send_ms', 'From a frame’s birth to its last packet, percentiles of the last seconds.', ['stream', 'quantile'], latenciesOf],
  ['stream_cpu_seconds', 'CPU time of the present stream process.', STREAM, ofStream(({ stats }) => stats.process.cpuUs / 1e6)],
  ['stream_resident_bytes', 'Memory of the stream process.', STREAM, ofStream(({ stats }) => stats.process.rss)],
  ['stream_detector_fps', 'Frames in the last second that a detector looked at.', DETECTOR, ofDetector('fps')],
  ['stream_detector_inference_ms', 'Time of one inference.', DETECTOR, ofDetector('inferenceMs')],
  ['stream_detector_offered_total', 'Frames that a detector was offered.', DETECTOR, ofDetector('offered')],
  ['stream_detector_taken_total', 'Frames that a detector took.', DETECTOR, ofDetector('taken')],
  ['stream_detector_skipped_total', 'Frames that were due and passed because a detector was busy or not there.', DETECTOR, ofDetector('skipped')],
  ['stream_detector_queue_ms', 'Time that a frame waited for the model.', DETECTOR, ofDetector('queueMs')],
  ['stream_detector_batch_frames', 'Frames that were run together.', DETECTOR, ofDetector('batch')],
  ['stream_detector_age_frames', 'Frames since the one of the last result.', DETECTOR, ofDetector('age')],
  ['stream_detector_workers', 'Programs that work for a detector outside of the server.', DETECTOR, ofDetector('workers')],
  ['stream_detector_round_trip_ms', 'From taking a frame to its result, of detectors outside of the server.', DETECTOR, ofDetector('roundTripMs')],
  ['stream_detector_lost_total', 'Frames without a result, of detectors outside of the server.', DETECTOR, ofDetector('lost')],
  ['webhook_waiting', 'Events that wait for a webhook.', WEBHOOK, ofWebhook('waiting')],
  ['webhook_delivered_total', 'Events that a webhook has taken.', WEBHOOK, ofWebhook('delivered')],
  ['webhook_failures_total', 'Posts to a webhook that failed.', WEBHOOK, ofWebhook('failures')],
  ['webhook_dead_total', 'Events that were given up.', WEBHOOK, ofWebhook('dead')],
  ['mqtt_connected', '1 while the broker takes messages.', [], ofBroker(({ connected }) => Number(connected))],
  ['mqtt_published_total', 'Messages that the broker has taken.', [], ofBroker(({ published }) => published)],
  ['mqtt_dropped_total', 'Messages that it could not be given.', [], ofBroker(({ dropped }) => dropped)],
];

/** Everything that is measured, in Prometheus' text format. Each server has its own. */
export class Metrics {
  readonly #measured: Measured;
  readonly #registry = new Registry();
  readonly #refreshes = METRICS.map((description) => registered(description, this.#registry));
  readonly #requests = new Histogram({
    name: 'framelock_http_request_duration_seconds',
    help: 'From a request to the end of its answer. What lasts until its client leaves is not counted.',
    labelNames: ['method', 'status'],
    registers: [this.#registry],
  });

  constructor(measured: Measured) {
    this.#measured = measured;
  }

  /** Times requests that are answered to the end. */
  readonly timing: RequestHandler = ({ method }, response, next) => {
    const answered = this.#requests.startTimer({ method });
    response.once('finish', () => answered({ status: response.statusCode }));
    next();
  };

  text(): Promise<string> {
    const { registry, detector, notifier, version } = this.#measured;
    const { webhooks, mqtt } = notifier.stats;
    const snapshot: Snapshot = { streams: registry.list(), detector, webhooks, mqtt, version };
    for (const refresh of this.#refreshes) refresh(snapshot);
    return this.#registry.metrics();
  }
}

/** @returns what replaces the metric's samples by those of a snapshot */
function registered([name, help, labelNames, read]: Description, registry: Registry): (snapshot: Snapshot) => void {
  const options = { name: `framelock_${name}`, help, labelNames, registers: [registry] };
  const metric = name.endsWith('_total') ? new Counter(options) : new Gauge(options);
  return (snapshot) => {
    metric.reset();
    // One without labels is reset to 0, also where there is nothing that it could count.
    if (labelNames.length === 0) metric.remove({});
    for (const [labels, value] of read(snapshot)) metric.inc(labels, value);
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

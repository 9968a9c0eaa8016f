import type { MqttStats } from '../notify/mqtt.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { WebhookStats } from '../notify/webhook.ts';
import type { DetectorHost } from '../detectors/detector-host.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { STREAM_STATES } from '../streams/stream-state.ts';
import type { StreamView } from '../streams/view.ts';

/** The media type of Prometheus' text format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** One metric of the text format (prometheus.io, “Exposition formats”). */
function metric(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `framelock_${name}${labelText(labels)} ${value}`);
  return [`# HELP framelock_${name} ${help}`, `# TYPE framelock_${name} ${type}`, ...lines].join('\n');
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Where measurements come from. */
export interface Measured {
  readonly registry: StreamRegistry;
  readonly detector: Pick<DetectorHost, 'state' | 'restarts'>;
  readonly notifier: Pick<Notifier, 'stats'>;
  readonly version: string;
}

/** Everything that is measured, in Prometheus' text format. */
export function metricsText({ registry, detector, notifier, version }: Measured): string {
  const streams = registry.list();
  const each = (value: (stream: StreamView) => number): Sample[] => streams.map((stream) => [{ stream: stream.id }, value(stream)]);
  const detectors = (key: 'fps' | 'inferenceMs' | 'offered' | 'taken' | 'skipped' | 'queueMs' | 'batch' | 'age' | 'workers' | 'roundTripMs' | 'lost'): Sample[] =>
    streams.flatMap(({ id, stats }) =>
      Object.entries(stats.detectors).flatMap(([name, { [key]: value }]): Sample[] => (value === undefined ? [] : [[{ stream: id, detector: name }, value]])),
    );
  const { webhooks, mqtt } = notifier.stats;
  const hooks = (key: Exclude<keyof WebhookStats, 'host'>): Sample[] => webhooks.map((webhook, index) => [{ webhook: String(index), host: webhook.host }, webhook[key]]);
  const broker = (value: (stats: MqttStats) => number): Sample[] => (mqtt === undefined ? [] : [[{}, value(mqtt)]]);
  const { user, system } = process.cpuUsage();
  return `${[
    metric('build_info', 'gauge', 'Version that runs.', [[{ version, node: process.version }, 1]]),
    metric('uptime_seconds', 'gauge', 'Seconds since the start.', [[{}, process.uptime()]]),
    metric('control_cpu_seconds_total', 'counter', 'CPU time of the control process.', [[{}, (user + system) / 1e6]]),
    metric('control_resident_bytes', 'gauge', 'Memory of the control process.', [[{}, process.memoryUsage.rss()]]),
    metric('detector_up', 'gauge', '1 while the detector process takes frames.', [[{}, Number(detector.state === 'ready')]]),
    metric('detector_restarts_total', 'counter', 'Times that the detector process ended by itself.', [[{}, detector.restarts]]),
    metric(
      'stream_state',
      'gauge',
      '1 for the state that a stream is in.',
      streams.flatMap(({ id, state }) => STREAM_STATES.map((name): Sample => [{ stream: id, state: name }, Number(name === state)])),
    ),
    metric('stream_fps', 'gauge', 'Frames in the last second.', each(({ stats }) => stats.fps)),
    metric('stream_bitrate', 'gauge', 'Bits in the last second, all variants.', each(({ stats }) => stats.bitrate)),
    metric('stream_dropped_total', 'counter', 'Frames lost to a full pipeline.', each(({ stats }) => stats.dropped)),
    metric('stream_restarts_total', 'counter', 'Times that the stream process ended by itself.', each(({ stats }) => stats.restarts)),
    metric('stream_viewers', 'gauge', 'Viewers.', each(({ viewers }) => viewers)),
    metric('stream_decode_to_send_ms', 'gauge', 'From a frame’s birth to its last packet, percentiles of the last seconds.', [
      ...streams.map(({ id, stats }): Sample => [{ stream: id, quantile: '0.5' }, stats.latency.decodeToSendMs.p50]),
      ...streams.map(({ id, stats }): Sample => [{ stream: id, quantile: '0.95' }, stats.latency.decodeToSendMs.p95]),
    ]),
    metric('stream_cpu_seconds', 'gauge', 'CPU time of the present stream process.', each(({ stats }) => stats.process.cpuUs / 1e6)),
    metric('stream_resident_bytes', 'gauge', 'Memory of the stream process.', each(({ stats }) => stats.process.rss)),
    metric('stream_detector_fps', 'gauge', 'Frames in the last second that a detector looked at.', detectors('fps')),
    metric('stream_detector_inference_ms', 'gauge', 'Time of one inference.', detectors('inferenceMs')),
    metric('stream_detector_offered_total', 'counter', 'Frames that a detector was offered.', detectors('offered')),
    metric('stream_detector_taken_total', 'counter', 'Frames that a detector took.', detectors('taken')),
    metric('stream_detector_skipped_total', 'counter', 'Frames that were due and passed because a detector was busy or not there.', detectors('skipped')),
    metric('stream_detector_queue_ms', 'gauge', 'Time that a frame waited for the model.', detectors('queueMs')),
    metric('stream_detector_batch_frames', 'gauge', 'Frames that were run together.', detectors('batch')),
    metric('stream_detector_age_frames', 'gauge', 'Frames since the one of the last result.', detectors('age')),
    metric('stream_detector_workers', 'gauge', 'Programs that work for a detector outside of the server.', detectors('workers')),
    metric('stream_detector_round_trip_ms', 'gauge', 'From taking a frame to its result, of detectors outside of the server.', detectors('roundTripMs')),
    metric('stream_detector_lost_total', 'counter', 'Frames without a result, of detectors outside of the server.', detectors('lost')),
    metric('webhook_waiting', 'gauge', 'Events that wait for a webhook.', hooks('waiting')),
    metric('webhook_delivered_total', 'counter', 'Events that a webhook has taken.', hooks('delivered')),
    metric('webhook_failures_total', 'counter', 'Posts to a webhook that failed.', hooks('failures')),
    metric('webhook_dead_total', 'counter', 'Events that were given up.', hooks('dead')),
    metric('mqtt_connected', 'gauge', '1 while the broker takes messages.', broker(({ connected }) => Number(connected))),
    metric('mqtt_published_total', 'counter', 'Messages that the broker has taken.', broker(({ published }) => published)),
    metric('mqtt_dropped_total', 'counter', 'Messages that it could not be given.', broker(({ dropped }) => dropped)),
  ].join('\n')}\n`;
}

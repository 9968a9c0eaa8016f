import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { it } from 'node:test';
import { connectAsync, type MqttClient } from 'mqtt';
import { SceneEvent } from '../../../src/pipeline/analytics/events.ts';
import { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { MqttSettings } from '../../../src/notify/options.ts';
import { LiveServer } from '../../support/live-server.ts';
import { runBroker, type Broker } from '../../support/mqtt-broker.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { call } from '../http/client.ts';

interface Received {
  readonly topic: string;
  readonly text: string;
  readonly retained: boolean;
}

/** Everything that a subscriber gets, as it comes, until the loop over it is left. */
async function* received(client: MqttClient): AsyncGenerator<Received> {
  const queue: Received[] = [];
  const arrivals = new EventEmitter();
  client.on('message', (topic, payload, { retain }) => {
    queue.push({ topic, text: payload.toString(), retained: retain });
    arrivals.emit('message');
  });
  await client.subscribeAsync('site/#', { qos: 1 });
  for (;;) {
    while (queue.length === 0) await once(arrivals, 'message');
    yield queue.shift()!;
  }
}

async function untilIs(client: MqttClient, wanted: (message: Received) => boolean): Promise<Received> {
  for await (const message of received(client)) if (wanted(message)) return message;
  throw new Error('unreachable');
}

async function serverAt(broker: Broker, settings: object = {}): Promise<TestServer> {
  const server = await startServer({ config: { mqtt: MqttSettings.parse({ url: broker.url, ...broker.user, topic: 'site', ...settings }) } });
  await call(server, 'PATCH', '/api/streams/street', { lines: [{ name: 'door', from: [0, 0.5], to: [1, 0.5] }] });
  return server;
}

it('publishes what happens, what was counted and annotations, and says goodbye', { timeout: 180_000 }, async () => {
  await using broker = await runBroker();
  const client = await connectAsync(broker.url, { ...broker.user });
  const server = await serverAt(broker, { annotationsPerSecond: 5, countsPerSecond: 5 });
  try {
    const seen = new Map<string, Received[]>();
    const startedAt = performance.now();
    for await (const message of received(client)) {
      seen.set(message.topic, [...(seen.get(message.topic) ?? []), message]);
      if ((seen.get('site/streams/street/events')?.length ?? 0) >= 10 && (seen.get('site/streams/street/annotations')?.length ?? 0) >= 3) break;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    for (const { text } of seen.get('site/streams/street/events')!) {
      assert.equal(SceneEvent.parse(JSON.parse(text)).type, 'line.crossed');
    }
    const annotations = seen.get('site/streams/street/annotations')!;
    AnnotationMessage.parse(JSON.parse(annotations[0]!.text));
    assert(annotations.length <= 5 * seconds + 2, `${annotations.length} in ${seconds} s`);
  } finally {
    await server.close();
  }
  const late = await connectAsync(broker.url, { ...broker.user });
  const goodbye = await untilIs(late, ({ topic }) => topic === 'site/status');
  assert.deepEqual([goodbye.text, goodbye.retained], ['offline', true], 'what is retained says that nobody is there');
  await Promise.all([client.endAsync(true), late.endAsync(true)]);
});

it('comes back when the broker does, and never shows its password', { timeout: 180_000 }, async () => {
  await using broker = await runBroker();
  const server = await serverAt(broker);
  try {
    let client = await connectAsync(broker.url, { ...broker.user });
    await untilIs(client, ({ topic }) => topic === 'site/streams/street/events');
    await client.endAsync(true);
    await broker.stop();
    while (Number(/^framelock_mqtt_dropped_total (\d+)$/m.exec(String((await call(server, 'GET', '/metrics')).body))?.[1]) === 0) await once(server.control.registry, 'scene');
    await broker.start();
    client = await connectAsync(broker.url, { ...broker.user });
    await untilIs(client, ({ topic, text }) => topic === 'site/status' && text === 'online');
    await untilIs(client, ({ topic }) => topic === 'site/streams/street/events');
    const { body } = await call(server, 'GET', '/metrics');
    assert.match(String(body), /framelock_mqtt_connected 1\n/);
    assert.doesNotMatch(server.log.text, /a password/);
    await client.endAsync(true);
  } finally {
    await server.close();
  }
});

it('lets the broker say that it is gone where it can’t itself', { timeout: 180_000 }, async () => {
  await using broker = await runBroker();
  await using live = await LiveServer.start({ env: { FRAMELOCK_MQTT_URL: broker.url, FRAMELOCK_MQTT_USERNAME: broker.user.username, FRAMELOCK_MQTT_PASSWORD: broker.user.password, FRAMELOCK_MQTT_TOPIC: 'site' } });
  const client = await connectAsync(broker.url, { ...broker.user });
  const words: string[] = [];
  for await (const { topic, text } of received(client)) {
    if (topic !== 'site/status') continue;
    words.push(text);
    if (words.length === 1) await live.crashAndRestart();
    if (words.length === 3) break;
  }
  assert.deepEqual(words, ['online', 'offline', 'online']);
  await client.endAsync(true);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import { rig, settings, type Rig } from './harness.ts';
import { ANNOTATED, CLEAN, resolvedModel, TARGET } from '../../support/server.ts';

let running: Rig[] = [];
function start(...given: Parameters<typeof rig>): Rig {
  const made = rig(...given);
  running.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(running.map(({ stream }) => stream.close()));
  running = [];
});

describe('a running stream', () => {
  it('takes on other detectors, policy, deadline, overlay, privacy, zones and lines without a restart', async () => {
    const { stream, log, until, annotation } = start(settings());
    await until(({ state }) => state === 'live');
    const { pid } = stream;
    const changes = {
      detectors: [{ name: 'cars', model: resolvedModel('yolox-nano') }],
      sync: 'predict' as const,
      deadlineMs: 50,
      merge: 'nms' as const,
      mergeIou: 0.7,
      overlay: { ...stream.settings.overlay, labels: false },
      privacy: { ...stream.settings.privacy, classes: ['person'] },
      zones: [{ name: 'gate', points: [[0, 0], [1, 0], [0, 1]] as [number, number][] }],
      lines: [{ name: 'door', from: [0, 0.5] as [number, number], to: [1, 0.5] as [number, number] }],
    };
    stream.configure({ ...stream.settings, ...changes });
    assert.deepEqual(await log.findTold('test', 'update'), { type: 'update', changes });
    await annotation();
    assert.equal(stream.pid, pid);
    assert.equal(stream.status.state, 'live');
  });

  it('is told nothing when nothing changes for it', async () => {
    const { stream, log, until } = start(settings());
    await until(({ state }) => state === 'live');
    stream.configure({ ...stream.settings, idleAfterMs: 7 });
    stream.configure({ ...stream.settings, deadlineMs: 70 });
    const { changes } = await log.findTold('test', 'update');
    assert.equal((changes as { deadlineMs: number }).deadlineMs, 70);
    assert.deepEqual(log.told().map(({ type }) => type), ['start', 'update']);
  });

  it('is restarted, at once and uncounted, for another source', async () => {
    const { stream, log, states, until } = start(settings());
    await until(({ state }) => state === 'live');
    const { pid } = stream;
    stream.configure({ ...stream.settings, url: 'demo://street?fake=live&seed=2' });
    await until(({ state }) => state === 'connecting');
    await until(({ state }) => state === 'live');
    assert.notEqual(stream.pid, pid);
    assert.equal(stream.record.restarts, 0);
    assert.deepEqual(states, ['connecting', 'live', 'connecting', 'live']);
    const { command } = await log.find(({ msg, command }) => msg === 'told' && (command as { plan?: { url: string } }).plan?.url === 'demo://street?fake=live&seed=2');
    assert((command as { plan: { firstSeq: number } }).plan.firstSeq >= 30);
  });

  it('passes on what viewers need: variants, annotations, and their end', async () => {
    const { stream, broadcast, log, until } = start(settings());
    await until(({ state }) => state === 'live');
    const unfollow = [stream.followAnnotations(() => undefined), stream.followAnnotations(() => undefined)];
    broadcast.start(CLEAN, TARGET);
    for (const end of unfollow) end();
    broadcast.stop(CLEAN);
    broadcast.stop(CLEAN);
    await log.findTold('test', 'output-close');
    assert.deepEqual(log.told().slice(1), [
      { type: 'annotations', wanted: true },
      { type: 'output-open', id: 1, output: { of: 'video', rendition: CLEAN, sink: { type: 'rtp', target: TARGET } }, firstSequence: 0 },
      { type: 'annotations', wanted: false },
      { type: 'output-close', id: 1 },
    ]);
  });

  it('passes on what was needed before its process was there', async () => {
    const { broadcast, log, stream } = start(settings());
    broadcast.start(ANNOTATED, TARGET);
    broadcast.start(CLEAN, { ...TARGET, port: 10 });
    broadcast.stop(CLEAN);
    assert.deepEqual(stream.variants, ['annotated']);
    await log.findTold('test', 'output-open');
    assert.deepEqual(log.told().map(({ type, output }) => [type, (output as { rendition: unknown } | undefined)?.rendition]), [
      ['start', undefined],
      ['output-open', ANNOTATED],
    ]);
  });

  it('knows the truth of its frames, and says when it does not', async () => {
    const { stream, until, annotation } = start(settings());
    await assert.rejects(stream.truth(0), { code: 'stream-unavailable' });
    await until(({ state }) => state === 'live');
    await annotation(({ seq }) => seq > 3);
    assert.equal((await stream.truth(2))?.seq, 2);
    assert.equal(await stream.truth(1_000_000), null);
    const asked = stream.truth(3);
    process.kill(stream.pid!, 'SIGKILL');
    const outcome = await asked.catch((error: { code?: string }) => error.code);
    assert(outcome === 'stream-unavailable' || (typeof outcome === 'object' && outcome?.seq === 3));
  });
});

describe('a stream on demand', () => {
  it('is idle until somebody watches, and again a while after the last viewer', async () => {
    const { stream, broadcast, until } = start(settings('live', { onDemand: true, idleAfterMs: 50 }));
    assert.equal(stream.status.state, 'idle');
    assert.equal(stream.pid, undefined);
    broadcast.start(ANNOTATED, TARGET);
    broadcast.setViewers(1);
    await until(({ state }) => state === 'live');
    broadcast.setViewers(0);
    broadcast.stop(ANNOTATED);
    await until(({ state }) => state === 'idle');
    assert.equal(stream.pid, undefined);
    assert.equal(stream.record.restarts, 0);
  });

  it('starts for somebody who is about to watch', async () => {
    const { stream, until } = start(settings('live', { onDemand: true, idleAfterMs: 5000 }));
    stream.touch();
    await until(({ state }) => state === 'live');
  });

  it('stays for a consumer that holds it', async () => {
    const { stream, until, annotation } = start(settings('live', { onDemand: true, idleAfterMs: 1 }));
    const release = stream.hold();
    await annotation(({ seq }) => seq > 20);
    release();
    await until(({ state }) => state === 'idle');
  });

  it('is there again for a viewer who comes while it is being ended', async () => {
    const { stream, log, until } = start(settings('stubborn', { onDemand: true, idleAfterMs: 1 }));
    const release = stream.hold();
    await until(({ state }) => state === 'live');
    const { pid } = stream;
    release();
    await log.findTold('test', 'stop');
    const again = stream.hold();
    while (stream.pid === pid) await once(stream, 'status');
    await until(({ state }) => state === 'live');
    again();
  });

  it('runs all the time when it is told to', async () => {
    const { stream, until } = start(settings('live', { onDemand: true }));
    stream.configure({ ...stream.settings, onDemand: false });
    await until(({ state }) => state === 'live');
  });
});

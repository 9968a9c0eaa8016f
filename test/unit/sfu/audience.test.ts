import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { Viewers } from '../../../src/sfu/viewers.ts';
import type { MediaWorker } from '../../../src/sfu/media-worker.ts';
import type { Viewer } from '../../../src/sfu/viewer.ts';

const worker = (running = true): MediaWorker => ({ running }) as unknown as MediaWorker;

/** A fake of a viewer: its end alone. */
class FakeViewer extends EventEmitter {
  readonly ends: string[] = [];
  readonly forwarded: boolean;

  constructor(forwarded = false) {
    super();
    this.forwarded = forwarded;
  }

  close(reason: string): void {
    this.ends.push(reason);
    this.emit('close');
  }
}

function admit(audience: Viewers, at: MediaWorker, forwarded = false) {
  const viewer = new FakeViewer(forwarded);
  const shares = new DisposableStack();
  audience.admit(viewer as unknown as Viewer, at, shares);
  return { viewer, shares };
}

describe('an audience', () => {
  it('is served by the stream’s own worker until that serves many, then by the running one that serves the fewest', () => {
    const [home, near, far, dead] = [worker(), worker(), worker(), worker(false)];
    const audience = new Viewers(home, [home, near, dead, far], 2);
    const served = Array.from({ length: 6 }, () => {
      const next = audience.nextWorker();
      admit(audience, next);
      return next;
    });
    assert.deepEqual(
      served.map((one) => [home, near, far, dead].indexOf(one)),
      [0, 0, 1, 2, 1, 2],
    );
  });

  it('is served by the only worker there is, however many they are', () => {
    const home = worker();
    const audience = new Viewers(home, [home], 1);
    for (let viewers = 0; viewers < 3; viewers++) admit(audience, audience.nextWorker());
    assert.equal(audience.nextWorker(), home);
  });

  it('tells how many they are, and gives back what one took part in when it ends', () => {
    const home = worker();
    const audience = new Viewers(home, [home], 1);
    const counts: number[] = [];
    audience.on('viewers', (count) => counts.push(count));
    const { viewer, shares } = admit(audience, home);
    admit(audience, home);
    viewer.close('left');
    assert.equal(shares.disposed, true);
    audience.end('gone');
    assert.deepEqual([counts, audience.size, viewer.ends], [[1, 2, 1, 0], 0, ['left']]);
  });

  it('can do without those alone who are sent what a publisher sends', () => {
    const home = worker();
    const audience = new Viewers(home, [home], 1);
    const { viewer: made } = admit(audience, home);
    assert.equal(audience.forwarding, false);
    const { viewer: forwarded } = admit(audience, home, true);
    assert.equal(audience.forwarding, true);
    audience.endForwarded();
    assert.deepEqual([made.ends, forwarded.ends, audience.forwarding], [[], ['source-changed'], false]);
  });
});

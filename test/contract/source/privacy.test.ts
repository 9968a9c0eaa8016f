import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AnnotationMessage, Box } from '../../../src/pipeline/annotation.ts';
import { readTimecode } from '../../../src/demo/timecode.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { LiveServer } from '../../support/live-server.ts';
import { WhepPictures, type SeenPicture } from '../../support/whep-pictures.ts';
import { WhipPublisher } from '../../support/whip-publisher.ts';

const CONFIG = fileURLToPath(new URL('../../support/publish.yaml', import.meta.url));
const VEHICLES = ['car', 'bus', 'truck'];
const STREET = 'demo://street?seed=7&timecode=1&light=day&density=1';
/** A difference of luma between neighbours that is detail. */
const EDGE = 14;
const PICTURES = 40;

/** The share of neighbouring pixels in a box that differ. */
function detailIn({ plane, width, height }: SeenPicture, [x, y, w, h]: Box): number {
  let edges = 0;
  let pairs = 0;
  for (let row = Math.ceil(y * height); row < Math.floor((y + h) * height); row++) {
    for (let column = Math.ceil(x * width); column < Math.floor((x + w) * width) - 1; column++) {
      pairs += 1;
      if (Math.abs(plane[row * width + column]! - plane[row * width + column + 1]!) >= EDGE) edges += 1;
    }
  }
  return pairs === 0 ? 0 : edges / pairs;
}

describe('what is to be hidden is hidden in every variant', () => {
  let server: LiveServer;

  before(async () => {
    server = await LiveServer.start({ env: { FRAMELOCK_CONFIG: CONFIG } });
  });
  after(() => server[Symbol.asyncDispose]());

  /** Mean detail in the true boxes of vehicles, seen by a viewer. */
  async function vehicleDetail(id: string, variant: string): Promise<number> {
    await using viewer = await WhepPictures.open(server.url, id, variant);
    const details: number[] = [];
    for (let seen = 0; seen < PICTURES; ) {
      const picture = await viewer.sees(({ width }) => width === 1280);
      const code = readTimecode(picture.plane, picture.width);
      if (code === undefined) continue;
      const truth = await server.call<AnnotationMessage | null>('GET', `/api/streams/${id}/truth?seq=${code.seq}`);
      // It is known for some seconds, which a busy machine may need for the picture.
      if (truth === null) continue;
      const boxes = truth.detections.filter(({ label, box }) => VEHICLES.includes(label) && box[2] * box[3] > 0.01);
      for (const { box } of boxes) details.push(detailIn(picture, box));
      seen += 1;
    }
    return details.reduce((sum, one) => sum + one, 0) / details.length;
  }

  test('where a detector finds it, drawn over or not', async (t) => {
    // Boxes and labels would be detail of their own.
    const common = { source: STREET, overlay: { boxes: false, labels: false }, deadlineMs: 1000 };
    await server.call('POST', '/api/streams', { id: 'open', ...common });
    await server.call('POST', '/api/streams', { id: 'hidden', ...common, privacy: { classes: VEHICLES } });
    for (const id of ['open', 'hidden']) await server.until<StreamView>(id, ({ stats }) => stats.detectors['street-nano']?.state === 'ready');
    const open = await vehicleDetail('open', 'clean');
    for (const variant of ['clean', 'annotated']) {
      const hidden = await vehicleDetail('hidden', variant);
      t.diagnostic(`${variant}: detail ${open.toFixed(3)} in the open, ${hidden.toFixed(3)} hidden`);
      assert.ok(hidden < open / 2, `${hidden} of ${open} is left`);
    }
    await server.call('DELETE', '/api/streams/open');
  });

  test('wholly where none looks for it, from the moment on that it is asked for', async () => {
    await using viewer = await WhepPictures.open(server.url, 'hidden', 'clean');
    await viewer.sees(({ plane, width }) => readTimecode(plane, width) !== undefined);
    await server.call('PATCH', '/api/streams/hidden', { detectors: [] });
    await viewer.sees(({ plane, width }) => readTimecode(plane, width) === undefined);
    await server.call('PATCH', '/api/streams/hidden', { privacy: { classes: [] } });
    await viewer.sees(({ plane, width }) => readTimecode(plane, width) !== undefined);
    await server.call('DELETE', '/api/streams/hidden');
  });

  test('a publisher’s own video is no longer forwarded, and those who got it have to come again', async () => {
    await using publisher = await WhipPublisher.open(server.url, 'door');
    await server.until<StreamView>('door', ({ state }) => state === 'live');
    await using before = await WhepPictures.open(server.url, 'door', 'clean', 'VP8');
    await before.sees();
    await server.until<StreamView>('door', ({ stats }) => stats.variants.clean?.forwarded === true);
    const { viewers } = await server.call<StreamView>('PATCH', '/api/streams/door', { privacy: { classes: ['person'] } });
    assert.equal(viewers, 0);
    publisher.luma = 150;
    await using after = await WhepPictures.open(server.url, 'door', 'clean');
    await after.sees(({ luma }) => Math.abs(luma - 150) < 8);
    const view = await server.until<StreamView>('door', ({ stats }) => (stats.variants.clean?.frames ?? 0) > 0);
    assert.equal(view.stats.variants.clean?.forwarded, false);
  });

  test('settings that make no sense are refused, each at its place', async () => {
    const response = await fetch(`${server.url}/api/streams/door`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ privacy: { classes: [''], style: 'smear', margin: 2 } }),
    });
    assert.equal(response.status, 400);
    const { errors } = (await response.json()) as { errors: { path: string }[] };
    assert.deepEqual(errors.map(({ path }) => path).sort(), ['privacy.classes[0]', 'privacy.margin', 'privacy.style']);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DetectorView, Late, StreamDetector, StreamView } from '../../../client/src/api/api.ts';
import { check, errorsOf, formOf, requestOf, type StreamForm } from '../../../client/src/elements/dialog/stream-form.ts';
import { detectorChanges, labelsOf, lateOf } from '../../../client/src/elements/dialog/stream-options.ts';

const CATALOG: readonly DetectorView[] = [
  { name: 'yolox-nano', model: 'yolox-nano', origin: 'model' },
  { name: 'people', model: 'yolox-nano', origin: 'api', classes: ['person'], late: 'carry' },
  { name: 'mine', origin: 'config' },
];
const CARS = { name: 'cars', model: 'yolox-nano', threshold: 0.6, late: 'skip' as const };

function view(detectors: readonly StreamDetector[] = ['people', 'yolox-nano', CARS]): StreamView {
  const overlay = { boxes: true, style: 'box', labels: true, scores: true, trails: false, counts: false, heatmap: false, zones: true, language: 'both', names: { car: '汽车' }, colors: {} };
  const privacy = { classes: ['face'], style: 'pixelate', margin: 0.2, holdMs: 900 };
  return { id: 'gate', title: 'Gate', detectors, source: { kind: 'demo', url: 'demo://street' }, sync: 'exact', deadlineMs: 120, merge: 'union', overlay, privacy } as unknown as StreamView;
}

/** What is asked of the server after a person has changed something. */
function asked(change: (form: StreamForm) => Partial<StreamForm>, before = view()): ReturnType<typeof requestOf> {
  const form = formOf(before);
  return requestOf({ ...form, ...change(form) }, before, CATALOG);
}

describe('what is drawn, hidden and joined', () => {
  test('is asked for field by field, and what nobody touched stays', () => {
    assert.deepEqual(asked(({ overlay }) => ({ overlay: { ...overlay, trails: true, style: 'corners' } })), { overlay: { trails: true, style: 'corners' } });
    assert.deepEqual(asked(({ privacy }) => ({ privacy: { ...privacy, style: 'blur' } })), { privacy: { style: 'blur' } });
    assert.deepEqual(asked(({ privacy }) => ({ privacy: { ...privacy, classes: [] } })), { privacy: { classes: [] } });
    assert.deepEqual(asked(() => ({ merge: 'wbf', deadlineMs: ' 80 ' })), { merge: 'wbf', deadlineMs: 80 });
    assert.deepEqual(asked(({ overlay }) => ({ overlay: { ...overlay }, deadlineMs: '120.0' })), {});
  });

  test('goes back to the server’s default for a wait that is left empty', () => {
    assert.deepEqual(asked(() => ({ deadlineMs: ' ' })), { deadlineMs: null });
  });

  test('is wrong where the wait is no number that the server takes', () => {
    for (const deadlineMs of ['0', '5001', 'soon', '-5', 'NaN']) assert.deepEqual(check({ ...formOf(view()), deadlineMs }), { deadlineMs: { key: 'dialog.deadlineWrong' } }, deadlineMs);
    for (const deadlineMs of ['', '1', '33.4', '5000']) assert.deepEqual(check({ ...formOf(view()), deadlineMs }), {}, deadlineMs);
  });

  test('has what the server finds wrong with it beside it', () => {
    const errors = [
      { path: 'privacy.classes[1]', message: 'Too long.' },
      { path: 'overlay.style', message: 'Unknown.' },
      { path: 'mergeIou', message: 'Is about something else.' },
    ];
    assert.deepEqual(errorsOf({ code: 'invalid-request', errors }), { privacy: { text: 'Too long.' }, overlay: { text: 'Unknown.' } });
  });
});

describe('what happens while a detector has not answered', () => {
  const late = (choices: Record<string, Late | ''>) => (): Partial<StreamForm> => ({ late: choices });

  test('is what the detector says where it is written in place, or what is said for all streams', () => {
    assert.deepEqual(['people', 'yolox-nano', 'cars', 'mine'].map((name) => lateOf(name, view(), CATALOG)), ['carry', '', 'skip', '']);
  });

  test('is changed in place, where a detector is written in place or comes with its model', () => {
    const changed = asked(late({ 'yolox-nano': 'wait', cars: '' }));
    const { late: _late, ...cars } = CARS;
    assert.deepEqual(changed, { detectors: ['people', { name: 'yolox-nano', model: 'yolox-nano', late: 'wait' }, cars] });
  });

  test('is said to the detector itself, where streams name it', () => {
    assert.deepEqual(asked(late({ people: 'wait' })), {});
    const form = { ...formOf(view()), late: { people: 'wait', cars: 'carry', 'yolox-nano': 'wait' } as const };
    assert.deepEqual(detectorChanges(form, form.detectors, view(), CATALOG), [{ name: 'people', late: 'wait' }]);
    assert.deepEqual(detectorChanges({ ...form, late: { people: '' } }, form.detectors, view(), CATALOG), [{ name: 'people', late: null }]);
    assert.deepEqual(detectorChanges({ ...form, late: { people: 'carry' } }, form.detectors, view(), CATALOG), []);
    assert.deepEqual(detectorChanges(form, ['cars'], view(), CATALOG), [], 'of a detector that the stream shall not have');
  });

  test('is no change where the same was chosen again', () => {
    assert.deepEqual(asked(late({ 'yolox-nano': '', cars: 'skip' })), {});
  });
});

test('classes to hide are suggested out of what the detectors give, each once', () => {
  const models = [{ name: 'yolox-nano', state: 'ready' as const, labels: ['person', 'car'] }, { name: 'plates', state: 'ready' as const, labels: ['plate', 'car'] }];
  assert.deepEqual(labelsOf(['people', 'mine'], view(), CATALOG, models), ['person']);
  assert.deepEqual(labelsOf(['cars', 'plates'], view(), CATALOG, models), ['person', 'car', 'plate']);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DetectorView, Late, ModelView, StreamDetector, StreamView } from '../../../client/src/api/api.ts';
import { check, errorsOf, formOf, requestOf, type StreamForm } from '../../../client/src/elements/dialog/stream-form.ts';
import { attachOf, detectorChanges, lateOf, type AttachChoice } from '../../../client/src/elements/dialog/detector-joins.ts';
import { labelsOf } from '../../../client/src/elements/dialog/stream-options.ts';

const CATALOG: readonly DetectorView[] = [
  { name: 'yolox-nano', model: 'yolox-nano', origin: 'model' },
  { name: 'people', model: 'yolox-nano', origin: 'api', classes: ['person'], late: 'carry', attach: { to: ['car'] } },
  { name: 'mine', origin: 'config' },
];
const CARS = { name: 'cars', model: 'yolox-nano', threshold: 0.6, late: 'skip' as const, attach: { to: ['bus'], minOverlap: 0.4 } };

function view(detectors: readonly StreamDetector[] = ['people', 'yolox-nano', CARS]): StreamView {
  const overlay = { boxes: true, style: 'box', labels: true, scores: true, trails: false, counts: false, heatmap: false, zones: true, language: 'both', names: { car: '汽车' }, colors: {} };
  const privacy = { classes: ['face'], style: 'pixelate', margin: 0.2, holdMs: 900 };
  return { id: 'gate', title: 'Gate', detectors, source: { kind: 'demo', url: 'demo://street' }, sync: 'exact', deadlineMs: 120, merge: 'union', mergeIou: 0.55, overlay, privacy } as unknown as StreamView;
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

  test('has an overlap of merged boxes only where boxes are merged', () => {
    assert.deepEqual(asked(() => ({ merge: 'nms', mergeIou: ' 0.7 ' })), { merge: 'nms', mergeIou: 0.7 });
    assert.deepEqual(asked(() => ({ merge: 'nms', mergeIou: '' })), { merge: 'nms', mergeIou: null });
    assert.deepEqual(asked(() => ({ merge: 'nms', mergeIou: '0.550' })), { merge: 'nms' });
    assert.deepEqual(asked(() => ({ mergeIou: 'much' })), {});
    for (const mergeIou of ['0', '1.01', 'much', '-1']) assert.deepEqual(check({ ...formOf(view()), merge: 'wbf', mergeIou }), { mergeIou: { key: 'dialog.shareWrong' } }, mergeIou);
    assert.deepEqual(check({ ...formOf(view()), mergeIou: 'much' }), {});
  });

  test('has names and colours of labels, each said as a whole where one of them changed', () => {
    const change = (looks: StreamForm['looks']): ReturnType<typeof requestOf> => asked(() => ({ looks }));
    const car = { label: 'car', name: '汽车', color: '' };
    assert.deepEqual(formOf(view()).looks, [car]);
    assert.deepEqual(change([car, { label: 'bus', name: ' ', color: '#ff0000' }]), { overlay: { colors: { bus: '#ff0000' } } });
    assert.deepEqual(change([{ label: 'constructor', name: ' 工人 ', color: '' }, car]), { overlay: { names: { constructor: '工人', car: '汽车' } } });
    assert.deepEqual(change([]), { overlay: { names: {} } });
    assert.deepEqual(change([{ label: 'bus', name: '', color: '' }, car]), {});
  });

  test('is wrong where the wait is no number that the server takes', () => {
    for (const deadlineMs of ['0', '5001', 'soon', '-5', 'NaN']) assert.deepEqual(check({ ...formOf(view()), deadlineMs }), { deadlineMs: { key: 'dialog.deadlineWrong' } }, deadlineMs);
    for (const deadlineMs of ['', '1', '33.4', '5000']) assert.deepEqual(check({ ...formOf(view()), deadlineMs }), {}, deadlineMs);
  });

  test('has what the server finds wrong with it beside it', () => {
    const errors = [
      { path: 'privacy.classes[1]', message: 'Too long.' },
      { path: 'overlay.style', message: 'Unknown.' },
      { path: 'overlay.names.car', message: 'Is no text.' },
      { path: 'detectors[1].attach.to[0]', message: 'Too long.' },
      { path: 'mergeIou2', message: 'Is about something else.' },
    ];
    const text = 'Too long.';
    assert.deepEqual(errorsOf({ code: 'invalid-request', errors }), { privacy: { text }, overlay: { text: 'Unknown.' }, looks: { text: 'Is no text.' }, attach: { text } });
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
    assert.deepEqual(detectorChanges(form, form.detectors, view(), CATALOG), [{ name: 'people', changes: { late: 'wait' } }]);
    assert.deepEqual(detectorChanges({ ...form, late: { people: '' } }, form.detectors, view(), CATALOG), [{ name: 'people', changes: { late: null } }]);
    assert.deepEqual(detectorChanges({ ...form, late: { people: 'carry' } }, form.detectors, view(), CATALOG), []);
    assert.deepEqual(detectorChanges(form, ['cars'], view(), CATALOG), [], 'of a detector that the stream shall not have');
  });

  test('is no change where the same was chosen again', () => {
    assert.deepEqual(asked(late({ 'yolox-nano': '', cars: 'skip' })), {});
  });
});

describe('whose boxes a detector’s boxes belong to', () => {
  const attach = (choices: Record<string, AttachChoice>) => (): Partial<StreamForm> => ({ attach: choices });

  test('is what the detector says where it is written in place, or what is said for all streams', () => {
    assert.deepEqual(['people', 'yolox-nano', 'cars'].map((name) => attachOf(name, view(), CATALOG)), [{ to: ['car'], minOverlap: '' }, { to: [], minOverlap: '' }, { to: ['bus'], minOverlap: '0.4' }]);
  });

  test('is changed in place, where a detector is written in place or comes with its model', () => {
    const { attach: _attach, ...cars } = CARS;
    const changed = asked(attach({ 'yolox-nano': { to: ['truck'], minOverlap: '0.80' }, cars: { to: [], minOverlap: '0.4' } }));
    assert.deepEqual(changed, { detectors: ['people', { name: 'yolox-nano', model: 'yolox-nano', attach: { to: ['truck'], minOverlap: 0.8 } }, cars] });
    assert.deepEqual(asked(attach({ 'yolox-nano': { to: [], minOverlap: '0.8' }, cars: { to: ['bus'], minOverlap: '0.40' } })), {});
  });

  test('is said to the detector itself, where streams name it', () => {
    const changes = (choice: AttachChoice): ReturnType<typeof detectorChanges> => detectorChanges({ late: {}, attach: { people: choice } }, ['people'], view(), CATALOG);
    assert.deepEqual(changes({ to: ['car', 'bus'], minOverlap: ' ' }), [{ name: 'people', changes: { attach: { to: ['car', 'bus'] } } }]);
    assert.deepEqual(changes({ to: [], minOverlap: '' }), [{ name: 'people', changes: { attach: null } }]);
    assert.deepEqual(changes({ to: ['car'], minOverlap: '' }), []);
  });

  test('is wrong where the least part inside is no share, unless there is nobody to belong to', () => {
    for (const minOverlap of ['0', '1.5', 'half']) assert.deepEqual(check({ ...formOf(view()), attach: { cars: { to: ['bus'], minOverlap } } }), { attach: { key: 'dialog.shareWrong' } }, minOverlap);
    assert.deepEqual(check({ ...formOf(view()), attach: { cars: { to: [], minOverlap: 'half' } } }), {});
  });
});

test('classes to hide are suggested out of what the detectors give, each once', () => {
  const models: ModelView[] = [
    { name: 'yolox-nano', origin: 'bundled', state: 'ready', labels: ['person', 'car'] },
    { name: 'plates', origin: 'added', state: 'ready', labels: ['plate', 'car'] },
  ];
  assert.deepEqual(labelsOf(['people', 'mine'], view(), CATALOG, models), ['person']);
  assert.deepEqual(labelsOf(['cars', 'plates'], view(), CATALOG, models), ['person', 'car', 'plate']);
});

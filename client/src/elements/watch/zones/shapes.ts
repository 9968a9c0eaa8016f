import { doubleArea, meetsItself } from '../../../../../src/pipeline/analytics/geometry.ts';
import type { Problem, StreamView } from '../../../api/api.ts';
import type { Key } from '../../../i18n/localizer.ts';

/** `[x, y]` as fractions of the frame. */
export type Place = readonly [x: number, y: number];

/** A zone or a line, as it is being drawn. */
export interface Shape {
  readonly kind: 'zone' | 'line';
  readonly name: string;
  /** Corners of a zone, in order; both ends of a line. */
  readonly points: readonly Place[];
  /** Labels with commas between them, as a person writes them; empty: all. */
  readonly classes: string;
  readonly anchor: 'bottom' | 'center';
  /** Seconds, as a person writes them. */
  readonly minDwell: string;
}

/** What is sent about them. */
export type ShapesRequest = Pick<StreamView, 'zones' | 'lines'>;

/** What is wrong, by the index of its shape; -1 for what is about none. */
export type ShapeErrors = ReadonlyMap<number, { readonly key: Key } | { readonly text: string }>;

/** Where a keyboard's new shapes stand. */
const FRESH: Readonly<Record<Shape['kind'], readonly Place[]>> = {
  zone: [[0.35, 0.4], [0.65, 0.4], [0.65, 0.75], [0.35, 0.75]],
  line: [[0.5, 0.3], [0.5, 0.7]],
};
const LEAST_POINTS: Readonly<Record<Shape['kind'], number>> = { zone: 3, line: 2 };
const MOST_POINTS = 64;
/** Below this share of the frame a zone has no inside. */
const LEAST_AREA = 1e-5;

/** Zones first, as they are numbered on the server. */
export function shapesOf({ zones, lines }: ShapesRequest): Shape[] {
  const common = ({ name, classes = [], anchor = 'bottom' }: { name: string; classes?: string[] | undefined; anchor?: Shape['anchor'] | undefined }) => ({ name, classes: classes.join(', '), anchor });
  return [
    ...zones.map((zone): Shape => ({ kind: 'zone', ...common(zone), points: zone.points, minDwell: String((zone.minDwellMs ?? 0) / 1000) })),
    ...lines.map((line): Shape => ({ kind: 'line', ...common(line), points: [line.from, line.to], minDwell: '0' })),
  ];
}

/** The request that makes these be the stream's zones and lines. */
export function requestOf(shapes: readonly Shape[]): ShapesRequest {
  const common = ({ name, classes, anchor }: Shape) => {
    const labels = [...new Set(classes.split(/[,，、]/).map((label) => label.trim()))].filter((label) => label !== '');
    return { name: name.trim(), ...(labels.length === 0 ? {} : { classes: labels }), ...(anchor === 'bottom' ? {} : { anchor }) };
  };
  const points = (shape: Shape): [number, number][] => shape.points.map(([x, y]) => [rounded(x), rounded(y)]);
  return {
    zones: shapes
      .filter(({ kind }) => kind === 'zone')
      .map((shape) => {
        const minDwellMs = Math.round(Number(shape.minDwell) * 1000) || 0;
        return { ...common(shape), points: points(shape), ...(minDwellMs === 0 ? {} : { minDwellMs }) };
      }),
    lines: shapes
      .filter(({ kind }) => kind === 'line')
      .map((shape) => {
        const [from, to] = points(shape);
        return { ...common(shape), from: from!, to: to! };
      }),
  };
}

/** A new one, with a name that nobody has. @param base such as “Zone” */
export function freshShape(kind: Shape['kind'], base: string, others: readonly Shape[], points: readonly Place[] = FRESH[kind]): Shape {
  const taken = new Set(others.map(({ name }) => name));
  let number = 1;
  while (taken.has(`${base} ${number}`)) number++;
  return { kind, name: `${base} ${number}`, points, classes: '', anchor: 'bottom', minDwell: '0' };
}

export function movePoint(shape: Shape, index: number, place: Place): Shape {
  return { ...shape, points: shape.points.map((point, i) => (i === index ? within(place) : point)) };
}

/** Moves the whole of it, as far as the frame goes. */
export function moveShape(shape: Shape, [dx, dy]: Place): Shape {
  const limited = (axis: 0 | 1, delta: number): number => {
    const values = shape.points.map((point) => point[axis]);
    return Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), delta));
  };
  const [x, y] = [limited(0, dx), limited(1, dy)];
  return { ...shape, points: shape.points.map(([px, py]) => [px + x, py + y] as const) };
}

/** A corner more, in the middle behind this one; the same shape where it has no room for one. */
export function insertPoint(shape: Shape, after: number, place?: Place): Shape {
  if (shape.kind === 'line' || shape.points.length >= MOST_POINTS) return shape;
  const [from, to] = [shape.points[after]!, shape.points[(after + 1) % shape.points.length]!];
  const middle: Place = place ?? [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  return { ...shape, points: shape.points.toSpliced(after + 1, 0, within(middle)) };
}

/** A corner less; undefined where too few would be left. */
export function removePoint(shape: Shape, index: number): Shape | undefined {
  return shape.points.length <= LEAST_POINTS[shape.kind] ? undefined : { ...shape, points: shape.points.toSpliced(index, 1) };
}

/** What can be said to be wrong without asking the server. */
export function checkShapes(shapes: readonly Shape[]): ShapeErrors {
  const errors = new Map<number, { key: Key }>();
  const seen = new Set<string>();
  for (const [index, { kind, name, points }] of shapes.entries()) {
    const key = `${kind} ${name.trim()}`;
    if (name.trim() === '') errors.set(index, { key: 'zones.nameMissing' });
    else if (seen.has(key)) errors.set(index, { key: 'zones.nameTaken' });
    else if (kind === 'zone' && meetsItself(points)) errors.set(index, { key: 'zones.crossesItself' });
    else if (kind === 'zone' && Math.abs(doubleArea(points)) / 2 < LEAST_AREA) errors.set(index, { key: 'zones.tooSmall' });
    seen.add(key);
  }
  return errors;
}

/** What a refusal is about, by shape. */
export function errorsOf({ errors, message }: Pick<Problem, 'errors' | 'message'>, shapes: readonly Shape[]): ShapeErrors {
  const found = new Map<number, { text: string }>();
  for (const { path, message: text } of errors) {
    const match = /^(zone|line)s\[(\d+)\]/.exec(path);
    const index = match === null ? -1 : indicesOf(shapes, match[1] as Shape['kind'])[Number(match[2])] ?? -1;
    if (!found.has(index)) found.set(index, { text });
  }
  return found.size === 0 ? new Map([[-1, { text: message }]]) : found;
}

/** Number of the shape among all, zones first: what its colour follows from. */
export function colorIndex(shapes: readonly Shape[], index: number): number {
  const zones = indicesOf(shapes, 'zone');
  return shapes[index]?.kind === 'zone' ? zones.indexOf(index) : zones.length + indicesOf(shapes, 'line').indexOf(index);
}

function indicesOf(shapes: readonly Shape[], kind: Shape['kind']): number[] {
  return shapes.flatMap((shape, index) => (shape.kind === kind ? [index] : []));
}

/** The nearest place inside the frame. */
export function within([x, y]: Place): Place {
  return [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
}

/** A ten-thousandth of the frame is less than a pixel. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

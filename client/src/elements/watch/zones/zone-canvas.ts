import { nothing, svg, type TemplateResult } from 'lit';
import { shapeColor } from '../../../../../src/pipeline/analytics/shape-color.ts';
import type { Localizer } from '../../../i18n/localizer.ts';
import { colorIndex, type Place, type Shape } from './shapes.ts';

/** Height of the canvas in its own units. */
const HEIGHT = 1000;
/** Radii in CSS pixels; what can be hit is larger than what is seen, as WCAG 2.5.8 asks. */
const HANDLE = 6;
const REACH = 14;

/** What is shown on the canvas. */
export interface CanvasState {
  readonly shapes: readonly Shape[];
  readonly selected: number | undefined;
  /** Points of a shape that is being drawn, the last under the pointer. */
  readonly draft: { readonly kind: Shape['kind']; readonly points: readonly Place[] } | undefined;
  /** Width of the picture in its heights. */
  readonly aspect: number;
  /** Height of the picture in CSS pixels. */
  readonly pixels: number;
}

/** Measures of the canvas: the picture's width in its heights, and a CSS pixel in units. */
interface Scale {
  readonly aspect: number;
  readonly unit: number;
}

/** What is done on it. */
export interface CanvasActions {
  readonly canvasDown: (event: PointerEvent) => void;
  readonly canvasMove: (event: PointerEvent) => void;
  readonly shapeDown: (event: PointerEvent, shape: number) => void;
  readonly pointDown: (event: PointerEvent, shape: number, point: number) => void;
  readonly middleDown: (event: PointerEvent, shape: number, after: number) => void;
  readonly pointKey: (event: KeyboardEvent, shape: number, point: number) => void;
}

/** Zones and lines over the picture; each corner can be dragged, and moved with the keyboard. */
export function zoneCanvas(localizer: Localizer, { shapes, selected, draft, aspect, pixels }: CanvasState, actions: CanvasActions): TemplateResult {
  const { t } = localizer;
  const scale: Scale = { aspect, unit: HEIGHT / Math.max(1, pixels) };
  // What is chosen is drawn last, above the others.
  const order = shapes.map((_shape, index) => index).sort((a, b) => Number(a === selected) - Number(b === selected));
  return svg`<svg class=${draft === undefined ? 'canvas' : 'canvas drawing'} viewBox=${`0 0 ${aspect * HEIGHT} ${HEIGHT}`} preserveAspectRatio="xMidYMid meet"
    role="group" aria-label=${t('zones.canvas')} @pointerdown=${actions.canvasDown} @pointermove=${actions.canvasMove}>
    ${order.map((index) => shapeOf(localizer, shapes, index, { active: index === selected && draft === undefined, scale }, actions))}
    ${draft === undefined ? nothing : draftOf(draft, scale, shapeColor(shapes.length))}
  </svg>`;
}

function shapeOf(localizer: Localizer, shapes: readonly Shape[], index: number, { active, scale: { aspect, unit } }: { active: boolean; scale: Scale }, actions: CanvasActions): TemplateResult {
  const shape = shapes[index]!;
  const { kind, points, name } = shape;
  const { t, number } = localizer;
  const at = (place: Place): [number, number] => [place[0] * aspect * HEIGHT, place[1] * HEIGHT];
  const outline = points.map((point) => at(point).join(',')).join(' ');
  const middles = active && kind === 'zone' ? points.map((point, i): Place => middleOf(point, points[(i + 1) % points.length]!)) : [];
  const [labelX, labelY] = at(points.reduce((a, b) => (b[1] < a[1] ? b : a)));
  const grasp = (event: PointerEvent): void => actions.shapeDown(event, index);
  const percent = (value: number): string => number(value * 100, 0);
  return svg`<g class=${active ? 'shape active' : 'shape'} style=${`--color: ${shapeColor(colorIndex(shapes, index))}`}>
    ${kind === 'zone' ? svg`<polygon class="area" points=${outline}></polygon>` : svg`<path class="arrow" d=${arrowOf(at(points[0]!), at(points[1]!), unit)}></path>`}
    <polyline class="contour" points=${kind === 'zone' ? `${outline} ${at(points[0]!).join(',')}` : outline}></polyline>
    <polyline class="stroke" points=${kind === 'zone' ? `${outline} ${at(points[0]!).join(',')}` : outline}></polyline>
    ${kind === 'zone' ? svg`<polygon class="grip filled" points=${outline} @pointerdown=${grasp}></polygon>` : svg`<polyline class="grip" points=${outline} @pointerdown=${grasp}></polyline>`}
    <text class="name" x=${Math.min(aspect * HEIGHT - 20, Math.max(20, labelX))} y=${Math.max(18 * unit, labelY - 12 * unit)} font-size=${15 * unit} stroke-width=${4 * unit} text-anchor="middle" aria-hidden="true">${name}</text>
    ${middles.map(([x, y], i) => {
      const [cx, cy] = at([x, y]);
      return svg`<g class="middle" @pointerdown=${(event: PointerEvent) => actions.middleDown(event, index, i)}><circle class="reach" cx=${cx} cy=${cy} r=${0.8 * REACH * unit}></circle><circle class="dot" cx=${cx} cy=${cy} r=${0.65 * HANDLE * unit}></circle></g>`;
    })}
    ${active
      ? points.map((point, i) => {
          const [cx, cy] = at(point);
          const label = kind === 'zone' ? t('zones.corner', { name, number: String(i + 1), total: String(points.length), x: percent(point[0]), y: percent(point[1]) }) : t(i === 0 ? 'zones.from' : 'zones.to', { name, x: percent(point[0]), y: percent(point[1]) });
          return svg`<g class="handle" role="button" tabindex="0" data-point=${i} aria-label=${label} aria-describedby="keys"
            @pointerdown=${(event: PointerEvent) => actions.pointDown(event, index, i)} @keydown=${(event: KeyboardEvent) => actions.pointKey(event, index, i)}>
            <circle class="reach" cx=${cx} cy=${cy} r=${REACH * unit}></circle><circle class="ring" cx=${cx} cy=${cy} r=${1.9 * HANDLE * unit}></circle><circle class="dot" cx=${cx} cy=${cy} r=${HANDLE * unit}></circle></g>`;
        })
      : nothing}
  </g>`;
}

function draftOf({ kind, points }: NonNullable<CanvasState['draft']>, { aspect, unit }: Scale, color: string): TemplateResult {
  const places = points.map(([x, y]) => `${x * aspect * HEIGHT},${y * HEIGHT}`);
  return svg`<g class="draft" style=${`--color: ${color}`}>
    ${kind === 'zone' && points.length > 2 ? svg`<polygon class="area" points=${places.join(' ')}></polygon>` : nothing}
    <polyline class="contour" points=${places.join(' ')}></polyline><polyline class="stroke" points=${places.join(' ')}></polyline>
    ${points.slice(0, -1).map(([x, y], i) => svg`<circle class=${i === 0 && kind === 'zone' && points.length > 3 ? 'dot first' : 'dot'} cx=${x * aspect * HEIGHT} cy=${y * HEIGHT} r=${HANDLE * unit}></circle>`)}
  </g>`;
}

/** From a line's middle to where “in” is: to the right of the way from its first to its second end. */
function arrowOf([x0, y0]: [number, number], [x1, y1]: [number, number], unit: number): string {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const at = (ahead: number, aside: number): string => `${mx + (dx * aside - dy * ahead) * unit},${my + (dy * aside + dx * ahead) * unit}`;
  return `M${at(0, 0)}L${at(26, 0)}M${at(15, 9)}L${at(27, 0)}L${at(15, -9)}`;
}

function middleOf([x0, y0]: Place, [x1, y1]: Place): Place {
  return [(x0 + x1) / 2, (y0 + y1) / 2];
}

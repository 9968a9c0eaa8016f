import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { api, Problem, type StreamView } from '../api/api.ts';
import { Localizer } from '../i18n/localizer.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { DrawingHistory } from './watch/zones/drawing-history.ts';
import { checkShapes, errorsOf, freshShape, insertPoint, movePoint, moveShape, removePoint, requestOf, shapesOf, within, type Place, type Shape, type ShapeErrors } from './watch/zones/shapes.ts';
import { zoneCanvas, type CanvasActions } from './watch/zones/zone-canvas.ts';
import { zoneEditorStyles } from './watch/zones/zone-editor-styles.ts';
import { zonePanel, type PanelActions } from './watch/zones/zone-panel.ts';

/** What an arrow key moves a point by, as a fraction of the frame; with Shift, and without. */
const STEP = { coarse: 0.05, fine: 0.005 } as const;
const ARROWS: Readonly<Record<string, Place>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** A click as near to the first corner finishes a zone, as a fraction of the picture's height. */
const CLOSING = 0.03;

/** What the pointer holds, from where, and what that was like. */
interface Drag {
  readonly shape: number;
  /** Undefined: all of it. */
  readonly point: number | undefined;
  readonly from: Place;
  readonly before: Shape;
}

/**
 * Draws the zones and lines of a stream upon its picture, and saves them.
 *
 * @slot - The picture; it stays as it is whether something is being drawn or not.
 * @event zones-saved - `detail`: the stream as it is now.
 * @event zones-closed - Nothing more is to be drawn.
 */
export class FramelockZoneEditor extends LitElement {
  static override properties = {
    stream: { attribute: false },
    editing: { type: Boolean, reflect: true },
    labels: { attribute: false },
    _shapes: { state: true },
    _selected: { state: true },
    _draft: { state: true },
    _errors: { state: true },
    _saving: { state: true },
    _said: { state: true },
  };

  static override styles = [sharedStyles, zoneEditorStyles];

  /** The stream whose zones and lines they are. */
  declare stream: StreamView | undefined;
  /** Zones and lines are being drawn; otherwise only the picture is shown. */
  declare editing: boolean;
  /** Labels that are suggested for classes. */
  declare labels: readonly string[];
  declare private _shapes: readonly Shape[];
  declare private _selected: number | undefined;
  declare private _draft: { readonly kind: Shape['kind']; readonly points: readonly Place[] } | undefined;
  declare private _errors: ShapeErrors;
  declare private _saving: boolean;
  /** What is said to those who don't see the picture. */
  declare private _said: string;
  readonly #localizer = new Localizer(this);
  readonly #history = new DrawingHistory();
  readonly #resized = new ResizeObserver(() => {
    if (this.editing) this.requestUpdate();
  });
  #drag: Drag | undefined;

  constructor() {
    super();
    this.editing = false;
    this.labels = [];
    this.#begin();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('editing') && this.editing) this.#begin();
  }

  protected override render(): TemplateResult {
    const { _shapes: shapes, _selected: selected, _draft: draft } = this;
    const { width = 16, height = 9 } = this.stream?.video ?? {};
    return html`
      <div class="picture">
        <slot></slot>
        ${this.editing ? zoneCanvas(this.#localizer, { shapes, selected, draft, aspect: width / height, pixels: this.#pixels(width / height) }, this.#canvas) : nothing}
      </div>
      ${this.editing
        ? html`<div @keydown=${this.#key}>
              ${zonePanel(
                this.#localizer,
                {
                  ...{ shapes, selected, drawing: draft?.kind, finishable: (draft?.points.length ?? 0) > 3, errors: this._errors },
                  ...{ undoable: !this.#history.empty, saving: this._saving, labels: this.labels },
                },
                this.#panel,
              )}
            </div>
            <div class="hidden" role="status">${this._said}</div>`
        : nothing}
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  /** Height of the picture on the page, in CSS pixels: it is as large as it fits. */
  #pixels(aspect: number): number {
    const { clientWidth = 0, clientHeight = 0 } = this.renderRoot.querySelector('.picture') ?? {};
    return Math.min(clientHeight, clientWidth / aspect);
  }

  /** As the stream has them. */
  #begin(): void {
    this._shapes = this.stream === undefined ? [] : shapesOf(this.stream);
    this._selected = this._shapes.length > 0 ? 0 : undefined;
    this._draft = undefined;
    this._errors = new Map();
    this._saving = false;
    this._said = '';
    this.#history.clear();
  }

  /** @param step names what is done, so that a held key is undone in one; empty: always a step of its own */
  #change(shapes: readonly Shape[], step = ''): void {
    this.#history.push(this._shapes, step);
    this._shapes = shapes;
    this._errors = new Map();
  }

  #replace(index: number, shape: Shape, step?: string): void {
    if (shape === this._shapes[index]) return;
    this.#change(this._shapes.with(index, shape), step);
  }

  #add(shape: Shape): void {
    this.#change([...this._shapes, shape]);
    this._selected = this._shapes.length - 1;
    this._draft = undefined;
    this._said = this.#localizer.t('zones.added', { name: shape.name });
  }

  #base(kind: Shape['kind']): string {
    return this.#localizer.t(kind === 'zone' ? 'zones.zone' : 'zones.line');
  }

  readonly #panel: PanelActions = {
    draw: (kind, event) => {
      // Without a pointer there is no clicking on the picture: a shape to be moved about stands there at once.
      if (event.detail === 0) {
        this.#add(freshShape(kind, this.#base(kind), this._shapes));
        void this.#focusPoint(0);
      } else {
        this._draft = { kind, points: [] };
        this._selected = undefined;
      }
    },
    finish: () => this.#finish(),
    stopDrawing: () => (this._draft = undefined),
    select: (index) => (this._selected = index),
    change: (index, changes) => this.#replace(index, { ...this._shapes[index]!, ...changes }, `${index} ${Object.keys(changes).join()}`),
    remove: (index) => this.#remove(index),
    undo: () => this.#undo(),
    save: () => void this.#save(),
    cancel: () => this.#close(),
  };

  readonly #canvas: CanvasActions = {
    canvasDown: (event) => {
      if (event.button !== 0) return;
      const place = this.#placeOf(event);
      if (this._draft === undefined) {
        if (event.target === event.currentTarget) this._selected = undefined;
        return;
      }
      event.preventDefault();
      this.#drawTo(place);
    },
    canvasMove: (event) => {
      const place = this.#placeOf(event);
      if (this._draft !== undefined && this._draft.points.length > 0) this._draft = { ...this._draft, points: [...this._draft.points.slice(0, -1), place] };
      const drag = this.#drag;
      if (drag === undefined) return;
      const { shape, point, from, before } = drag;
      const moved = point === undefined ? moveShape(before, [place[0] - from[0], place[1] - from[1]]) : movePoint(before, point, place);
      this._shapes = this._shapes.with(shape, moved);
    },
    shapeDown: (event, shape) => this.#grasp(event, shape, undefined),
    pointDown: (event, shape, point) => this.#grasp(event, shape, point),
    middleDown: (event, index, after) => {
      if (event.button !== 0) return;
      this.#replace(index, insertPoint(this._shapes[index]!, after, this.#placeOf(event)));
      this.#grasp(event, index, after + 1, false);
    },
    pointKey: (event, index, point) => this.#pointKey(event, index, point),
  };

  /** The next corner or end; on the first corner, the zone is closed. */
  #drawTo(place: Place): void {
    const { kind, points } = this._draft!;
    // The last one follows the pointer.
    const set = points.slice(0, -1);
    const [first] = set;
    const aspect = (this.stream?.video?.width ?? 16) / (this.stream?.video?.height ?? 9);
    if (kind === 'zone' && first !== undefined && set.length >= 3 && Math.hypot((place[0] - first[0]) * aspect, place[1] - first[1]) < CLOSING) return this.#finish();
    if (kind === 'line' && set.length === 1) return this.#add(freshShape(kind, this.#base(kind), this._shapes, [set[0]!, place]));
    this._draft = { kind, points: [...set, place, place] };
  }

  #finish(): void {
    const points = this._draft?.points.slice(0, -1) ?? [];
    if (this._draft?.kind === 'zone' && points.length >= 3) this.#add(freshShape('zone', this.#base('zone'), this._shapes, points));
  }

  #grasp(event: PointerEvent, shape: number, point: number | undefined, step = true): void {
    if (event.button !== 0 || this._draft !== undefined) return;
    event.stopPropagation();
    event.preventDefault();
    const before = this._shapes[shape]!;
    if (step) this.#change(this._shapes);
    this._selected = shape;
    this.#drag = { shape, point, from: this.#placeOf(event), before };
    if (point !== undefined) void this.#focusPoint(point);
    const end = (): void => {
      // A click that moved nothing is nothing to undo.
      if (step && this._shapes[shape] === before) this.#history.pop();
      this.#drag = undefined;
      this.requestUpdate();
    };
    // The canvas keeps the pointer, also outside of it.
    const canvas = this.renderRoot.querySelector('.canvas')!;
    canvas.setPointerCapture(event.pointerId);
    canvas.addEventListener('lostpointercapture', end, { once: true });
  }

  #pointKey(event: KeyboardEvent, index: number, point: number): void {
    const shape = this._shapes[index]!;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      const [x, y] = shape.points[point]!;
      const step = event.shiftKey ? STEP.coarse : STEP.fine;
      const place = within([x + arrow[0] * step, y + arrow[1] * step]);
      this.#replace(index, movePoint(shape, point, place), `key ${index} ${point}`);
      const percent = (value: number): string => this.#localizer.number(value * 100, 1);
      this._said = this.#localizer.t('zones.moved', { x: percent(place[0]), y: percent(place[1]) });
    } else if (event.key === 'Insert' || event.key === '+') {
      this.#replace(index, insertPoint(shape, point));
      void this.#focusPoint(shape.kind === 'zone' ? point + 1 : point);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      const less = removePoint(shape, point);
      if (less === undefined) this._said = this.#localizer.t('zones.tooFew');
      else {
        this.#replace(index, less);
        void this.#focusPoint(Math.max(0, point - 1));
      }
    } else return this.#key(event);
    event.preventDefault();
    event.stopPropagation();
  }

  readonly #key = (event: KeyboardEvent): void => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !typing) {
      event.preventDefault();
      this.#undo();
    } else if (event.key === 'Escape' && this._draft !== undefined) this._draft = undefined;
    else if (event.key === 'Enter' && this._draft !== undefined && !(event.target instanceof HTMLButtonElement)) this.#finish();
  };

  #remove(index: number): void {
    const { name } = this._shapes[index]!;
    this.#change(this._shapes.toSpliced(index, 1));
    this._selected = this._shapes.length === 0 ? undefined : Math.min(index, this._shapes.length - 1);
    this._said = this.#localizer.t('zones.removed', { name });
  }

  #undo(): void {
    const shapes = this.#history.pop();
    if (shapes === undefined) return;
    this._shapes = shapes;
    this._errors = new Map();
    if ((this._selected ?? 0) >= shapes.length) this._selected = shapes.length === 0 ? undefined : shapes.length - 1;
    this._said = this.#localizer.t('zones.undone');
  }

  async #save(): Promise<void> {
    const { stream } = this;
    if (stream === undefined || this._saving) return;
    this._errors = checkShapes(this._shapes);
    if (this._errors.size > 0) return this.#showFirstError();
    this._saving = true;
    try {
      const saved = await api.changeStream(stream.id, requestOf(this._shapes));
      this.dispatchEvent(new CustomEvent('zones-saved', { detail: saved }));
      this.#close();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this._errors = error.status === 0 ? new Map([[-1, { key: 'dialog.unreachable' }]]) : errorsOf(error, this._shapes);
      await this.#showFirstError();
    } finally {
      this._saving = false;
    }
  }

  async #showFirstError(): Promise<void> {
    const index = [...this._errors.keys()].find((each) => each >= 0);
    if (index === undefined) return;
    this._selected = index;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('#name')?.focus();
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('zones-closed'));
  }

  async #focusPoint(point: number): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<SVGElement>(`[data-point="${point}"]`)?.focus();
  }

  /** Where the pointer is in the picture, whatever lies beside it. */
  #placeOf({ clientX, clientY }: PointerEvent): Place {
    const canvas = this.renderRoot.querySelector<SVGSVGElement>('.canvas')!;
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(canvas.getScreenCTM()!.inverse());
    const { width, height } = canvas.viewBox.baseVal;
    return within([x / width, y / height]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'framelock-zone-editor': FramelockZoneEditor;
  }
}

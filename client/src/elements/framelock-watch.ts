import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { labelColor } from '../../../src/pipeline/compose/palette.ts';
import type { StreamView } from '../api/api.ts';
import type { LockFigures } from '../annotate/lock-meter.ts';
import { CountsStore } from '../api/counts-store.ts';
import { StreamsStore } from '../api/streams-store.ts';
import { token } from '../api/token.ts';
import { cleanVariantText } from '../i18n/clean-variant.ts';
import { Localizer } from '../i18n/localizer.ts';
import type { ShownFrame } from '../live/frame-meter.ts';
import type { Figures } from '../live/playback.ts';
import { icon } from '../ui/icons.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { boxAge } from './player/box-age.ts';
import type { FramelockPlayer } from './framelock-player.ts';
import type { BoxesShown } from './player/boxes-panel.ts';
import { countsPanel, type CountsShown } from './watch/counts-panel.ts';
import { detectorFigures } from './watch/detector-figures.ts';
import { latencyChart } from './watch/latency-chart.ts';
import { lockPanel } from './watch/lock-panel.ts';
import { watchStyles } from './watch/watch-styles.ts';

/** Milliseconds between two counts of what is seen: quick enough to follow, slow enough to read. */
const COUNT_MS = 250;
/** Seconds that the chart shows. */
const CHART_SECONDS = 60;

/** What is seen on a frame, and how old that is. */
interface Seen {
  /** Things by label, in the alphabet's order. */
  readonly counts: readonly (readonly [label: string, count: number])[];
  /** Frames; the oldest of all detectors. Undefined without detectors. */
  readonly age: number | undefined;
  readonly scene: CountsShown['now'];
}

/** One stream, large, with what is seen on it and how it does. */
export class FramelockWatch extends LitElement {
  static override properties = { stream: {}, _seen: { state: true }, _figures: { state: true }, _lock: { state: true }, _drawing: { state: true } };

  static override styles = [sharedStyles, watchStyles];

  /** Identifier of the stream. */
  declare stream: string;
  declare private _seen: Seen | undefined;
  declare private _figures: Figures | undefined;
  declare private _lock: { readonly boxes: BoxesShown; readonly figures: LockFigures } | undefined;
  /** Zones and lines are being drawn. */
  declare private _drawing: boolean;
  readonly #localizer = new Localizer(this);
  readonly #store = new StreamsStore(this);
  readonly #counts = new CountsStore(this);
  #latencies: (number | undefined)[] = [];
  #countedAt = 0;
  /** Everything that was seen since the page was opened. */
  readonly #labels = new Set<string>();

  constructor() {
    super();
    this.stream = '';
    this._drawing = false;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const view = this.#store.get(this.stream);
    this.#counts.follow(view === undefined || view.zones.length + view.lines.length === 0 ? undefined : view.id);
    if (!changed.has('stream')) return;
    this._seen = this._figures = this._lock = undefined;
    this._drawing = false;
    this.#latencies = [];
  }

  protected override render(): TemplateResult {
    const { t } = this.#localizer;
    const { status } = this.#store;
    if (status === 'forbidden') return html`<framelock-sign-in @signed-in=${() => this.#store.reopen()}></framelock-sign-in>`;
    const view = this.#store.get(this.stream);
    return html`
      <a class="back" href="/">${icon('back')} ${t('watch.back')}</a>
      <div class="title">
        <h1>${view?.title ?? this.stream}</h1>
        ${view === undefined ? nothing : html`<span class="state ${view.state}">${t(`state.${view.state}`)}</span>`}
        ${view === undefined || this._drawing ? nothing : html`<button class="button draw" type="button" @click=${() => (this._drawing = true)}>${icon('zone')} ${t('zones.open')}</button>`}
        ${status === 'ready' && view === undefined ? html`<span class="muted" role="status">${t('watch.missing', { id: this.stream })}</span>` : nothing}
      </div>
      <div class="layout">
        <div class="stage">
          <framelock-zone-editor .stream=${view} ?editing=${this._drawing} .labels=${[...this.#labels]} @zones-saved=${this.#saved} @zones-closed=${() => (this._drawing = false)}>
            <framelock-player src=${`/live/${this.stream}`} .token=${token()} controls ?measure=${view?.source.url.includes('timecode=1')} @framelock-frame=${this.#count} @framelock-figures=${this.#measure}></framelock-player>
          </framelock-zone-editor>
          ${this.#tiles()}
        </div>
        <aside>${this.#seenPanel(view)} ${lockPanel(this.#localizer, this._lock?.boxes ?? 'burned-in', this._lock?.figures, this.#draw)} ${view === undefined ? nothing : countsPanel(this.#localizer, { view, now: this._seen?.scene, hour: this.#counts.counts })} ${view === undefined ? nothing : this.#details(view)}</aside>
      </div>
    `;
  }

  #tiles(): TemplateResult {
    const { t, number, bitrate } = this.#localizer;
    const { latency, fps, bitrate: bits } = this._figures ?? {};
    const unknown = t('stats.unknown');
    const age = this._seen?.age;
    return html`<dl class="panel tiles">
      <div class="tile">
        <dt>${t('stats.latency')}</dt>
        <dd>${latency === undefined ? unknown : html`${number(latency.p50, 0)} ms <small>· 95 % ${number(latency.p95, 0)} ms</small>`}</dd>
        <dd>${latencyChart(this.#latencies, CHART_SECONDS, t('watch.latencyChart'))}</dd>
      </div>
      <div class="tile"><dt>${t('stats.fps')}</dt><dd>${fps === undefined ? unknown : t('card.fps', { fps })}</dd></div>
      <div class="tile"><dt>${t('stats.bitrate')}</dt><dd>${bits === undefined ? unknown : bitrate(bits)}</dd></div>
      <div class="tile"><dt>${t('watch.boxAge')}</dt><dd>${age === undefined ? unknown : boxAge(this.#localizer, age)}</dd></div>
    </dl>`;
  }

  /** Names and colours are those of the boxes. */
  #seenPanel(view: StreamView | undefined): TemplateResult {
    const { t, number } = this.#localizer;
    const { names = {}, colors = {} } = view?.overlay ?? {};
    const counts = this._seen?.counts ?? [];
    return html`<section class="panel">
      <h2>${t('watch.seen')}</h2>
      <ul class="counts">
        ${counts.length === 0 ? html`<li class="muted">${t('watch.nothing')}</li>` : nothing}
        ${counts.map(([label, count]) => html`<li style=${`--color: ${labelColor(label, colors)}`}><i></i><span>${names[label] ?? label}</span><b>${number(count, 0)}</b></li>`)}
      </ul>
    </section>`;
  }

  #details({ source, video, stats, sync, viewers, createdAt }: StreamView): TemplateResult {
    const { t, number, date, problem } = this.#localizer;
    const unknown = t('stats.unknown');
    const { clean } = stats.variants;
    const row = (label: string, value: string): TemplateResult => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
    return html`<section class="panel">
      <h2>${t('watch.details')}</h2>
      <dl class="details">
        <div class="wide"><dt>${t('watch.source')}</dt><dd>${source.url}</dd></div>
        ${row(t('watch.video'), video === undefined ? unknown : `${video.width} × ${video.height} · ${video.codec}`)}
        ${row(t('watch.sync'), t(`watch.sync.${sync}`))}
        ${Object.entries(stats.detectors).map(([name, detector]) =>
          detector.error === undefined
            ? row(name, detectorFigures(this.#localizer, detector))
            : html`<div class="wide"><dt>${name}</dt><dd class="wrong">${problem(detector.error)}</dd></div>`,
        )}
        ${clean === undefined ? nothing : row(t('watch.clean'), cleanVariantText(this.#localizer.language, clean) ?? unknown)}
        ${row(t('watch.encoder'), stats.encoder ?? unknown)} ${row(t('watch.viewers'), number(viewers, 0))} ${row(t('watch.dropped'), number(stats.dropped, 0))}
        ${row(t('watch.restarts'), number(stats.restarts, 0))} ${row(t('watch.added'), date(createdAt))}
      </dl>
    </section>`;
  }

  readonly #count = ({ detail: { annotation }, timeStamp }: CustomEvent<ShownFrame>): void => {
    if (annotation === undefined || timeStamp - this.#countedAt < COUNT_MS) return;
    this.#countedAt = timeStamp;
    const counts = new Map<string, number>();
    for (const { label } of annotation.detections) counts.set(label, (counts.get(label) ?? 0) + 1);
    const ages = Object.values(annotation.detectors).map(({ age }) => age);
    this._seen = { counts: [...counts].sort(([a], [b]) => a.localeCompare(b)), age: ages.length === 0 ? undefined : Math.max(...ages), scene: annotation };
    for (const label of counts.keys()) this.#labels.add(label);
  };

  readonly #saved = ({ detail }: CustomEvent<StreamView>): void => this.#store.put(detail);

  readonly #draw = (): void => {
    const player = this.renderRoot.querySelector('framelock-player')!;
    player.variant = 'clean';
    player.plain = false;
  };

  readonly #measure = ({ detail, target }: CustomEvent<Figures>): void => {
    const { boxes, lock } = target as FramelockPlayer;
    this._lock = { boxes, figures: lock };
    this._figures = detail;
    this.#latencies = [...this.#latencies.slice(1 - CHART_SECONDS), detail.latency?.p50];
  };
}

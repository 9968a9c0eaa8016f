import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { StreamsStore } from '../api/streams-store.ts';
import { formatNumber, LanguageController, t } from '../i18n/index.ts';
import type { ShownFrame } from '../live/frame-meter.ts';
import { icon } from '../ui/icons.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Milliseconds between two counts of what is seen: quick enough to follow, slow enough to read. */
const COUNT_MS = 250;

/** One stream, large, with what is seen on it and how it does. */
export class FramelockWatch extends LitElement {
  static override properties = { stream: {}, _counts: { state: true } };

  static override styles = [
    sharedStyles,
    css`
      .back {
        display: inline-flex;
        align-items: center;
        gap: 0.3rem;
        margin-bottom: 0.75rem;
        font-weight: 600;
        text-decoration: none;
      }
      .layout {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(15rem, 20rem);
        gap: 1.25rem;
        align-items: start;
      }
      @media (max-width: 900px) {
        .layout {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      framelock-player {
        max-height: calc(100dvh - 11rem);
        width: 100%;
      }
      .title {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0.25rem 1rem;
        margin-bottom: 0.9rem;
        overflow-wrap: anywhere;
      }
      section {
        padding: 1rem 1.1rem;
        border: 1px solid var(--framelock-line);
        border-radius: var(--framelock-radius);
        background: var(--framelock-surface);
      }
      section + section {
        margin-top: 1rem;
      }
      h2 {
        font-size: 1rem;
        margin-bottom: 0.6rem;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0.3rem 1rem;
        margin: 0;
        font-size: 0.9rem;
      }
      dt {
        color: var(--framelock-muted);
      }
      dd {
        margin: 0;
        text-align: right;
        font-variant-numeric: tabular-nums;
        overflow-wrap: anywhere;
      }
      .counts {
        display: grid;
        gap: 0.35rem;
        list-style: none;
        margin: 0;
        padding: 0;
      }
      .counts li {
        display: flex;
        justify-content: space-between;
        font-variant-numeric: tabular-nums;
      }
      .counts b {
        font-size: 1.05rem;
      }
    `,
  ];

  /** Identifier of the stream. */
  declare stream: string;
  declare private _counts: readonly (readonly [string, number])[];
  readonly #store = new StreamsStore(this);
  #countedAt = 0;

  constructor() {
    super();
    new LanguageController(this);
    this.stream = '';
    this._counts = [];
  }

  protected override render(): TemplateResult {
    const view = this.#store.get(this.stream);
    const missing = this.#store.status === 'ready' && view === undefined;
    return html`
      <a class="back" href="/">${icon('back')} ${t('watch.back')}</a>
      <div class="title">
        <h1>${view?.title ?? this.stream}</h1>
        ${view === undefined ? nothing : html`<span class="state ${view.state}">${t(`state.${view.state}`)}</span>`}
        ${missing ? html`<span class="muted" role="status">${t('watch.missing', { id: this.stream })}</span>` : nothing}
      </div>
      <div class="layout">
        <framelock-player src=${`/live/${this.stream}`} controls stats @framelock-frame=${this.#count}></framelock-player>
        <aside>
          <section>
            <h2>${t('watch.seen')}</h2>
            ${this._counts.length === 0
              ? html`<p class="muted">${t('watch.nothing')}</p>`
              : html`<ul class="counts">${this._counts.map(([label, count]) => html`<li><span>${label}</span><b>${formatNumber(count, 0)}</b></li>`)}</ul>`}
          </section>
          ${view === undefined ? nothing : this.#details(view)}
        </aside>
      </div>
    `;
  }

  #details({ source, video, stats, sync, viewers }: NonNullable<ReturnType<StreamsStore['get']>>): TemplateResult {
    const unknown = t('stats.unknown');
    const rows: [string, string][] = [
      [t('watch.source'), source.url],
      [t('stats.codec'), video?.codec ?? unknown],
      [t('stats.resolution'), video === undefined ? unknown : `${video.width} × ${video.height}`],
      [t('watch.sync'), sync],
      [t('watch.encoder'), stats.encoder ?? unknown],
      [t('stats.bitrate'), `${formatNumber(stats.bitrate / 1e6, 2)} Mbit/s`],
      [t('watch.dropped'), formatNumber(stats.dropped, 0)],
      [t('watch.restarts'), formatNumber(stats.restarts, 0)],
      ...Object.entries(stats.detectors).map(([name, { fps, inferenceMs, error }]): [string, string] => [
        name,
        error?.message ?? `${t('card.fps', { fps: Math.round(fps) })} · ${formatNumber(inferenceMs)} ms`,
      ]),
    ];
    return html`<section>
      <h2>${t('watch.details')}</h2>
      <p class="muted">${t('card.viewers', { count: viewers })}</p>
      <dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    </section>`;
  }

  readonly #count = ({ detail, timeStamp }: CustomEvent<ShownFrame>): void => {
    if (detail.annotation === undefined || timeStamp - this.#countedAt < COUNT_MS) return;
    this.#countedAt = timeStamp;
    const counts = new Map<string, number>();
    for (const { label } of detail.annotation.detections) counts.set(label, (counts.get(label) ?? 0) + 1);
    this._counts = [...counts].sort(([a], [b]) => a.localeCompare(b));
  };
}

import { html, nothing, type TemplateResult } from 'lit';
import type { Key, Localizer } from '../../i18n/localizer.ts';
import type { PlayerState } from '../../live/player-state.ts';
import { icon, type Icon } from '../../ui/icons.ts';
import { keyName, SHORTCUTS, type PlayerAction } from './shortcuts.ts';

/** What the bar shows. */
export interface ControlBarState {
  readonly state: PlayerState;
  readonly paused: boolean;
  /** Whether it is to be heard; undefined where there is nothing to hear. */
  readonly sound: boolean | undefined;
  readonly boxes: boolean;
  readonly choices: boolean;
  readonly figures: boolean;
  readonly help: boolean;
  readonly pip: boolean;
  readonly fullscreen: boolean;
}

/** Labels in the help, in the order in which they are listed. */
const HELP: readonly (readonly [PlayerAction, Key])[] = [
  ['play', 'player.pause'],
  ['sound', 'player.sound'],
  ['boxes', 'player.boxes'],
  ['choices', 'player.choices'],
  ['figures', 'player.figures'],
  ['pip', 'player.pip'],
  ['fullscreen', 'player.fullscreen'],
  ['help', 'player.help'],
];

/** The buttons over the lower edge of the picture. */
export function controlBar({ t }: Localizer, { state, paused, sound, boxes, choices, figures, help, pip, fullscreen }: ControlBarState, act: (action: PlayerAction) => void): TemplateResult {
  const button = (action: PlayerAction, symbol: Icon, label: string, pressed?: boolean): TemplateResult => html`
    <button type="button" title=${`${label} (${keyName(SHORTCUTS[action][0]!, t)})`} aria-label=${label} aria-pressed=${pressed ?? nothing}
      aria-keyshortcuts=${SHORTCUTS[action].map((key) => (key === ' ' ? 'Space' : key)).join(' ')}
      @click=${() => act(action)} @dblclick=${(event: Event) => event.stopPropagation()}>${icon(symbol)}</button>
  `;
  return html`
    <div class="bar" part="controls" role="group" aria-label=${t('player.controls')}>
      ${button('play', paused ? 'play' : 'pause', t(paused ? 'player.play' : 'player.pause'))}
      ${sound === undefined ? nothing : button('sound', sound ? 'sound' : 'soundOff', t(sound ? 'player.mute' : 'player.unmute'))}
      <span class="badge">${t(`state.${state}`)}</span>
      <span class="spacer"></span>
      ${button('boxes', 'box', t('player.boxes'), boxes)} ${button('choices', 'sliders', t('player.choices'), choices)} ${button('figures', 'chart', t('player.figures'), figures)}
      ${button('help', 'keys', t('player.help'), help)}
      ${pip ? button('pip', 'pip', t('player.pip')) : nothing}
      ${button('fullscreen', fullscreen ? 'shrink' : 'fullscreen', t(fullscreen ? 'player.exitFullscreen' : 'player.fullscreen'))}
    </div>
  `;
}

/** The keys and what they do. */
export function keyHelp({ t }: Localizer, pip: boolean): TemplateResult {
  const rows = HELP.filter(([action]) => pip || action !== 'pip');
  return html`
    <div class="panel keys" part="help">
      <strong>${t('player.help')}</strong>
      <dl>
        ${rows.map(([action, label]) => html`<div><dt>${SHORTCUTS[action].map((key) => html`<kbd>${keyName(key, t)}</kbd>`)}</dt><dd>${t(label)}</dd></div>`)}
      </dl>
    </div>
  `;
}

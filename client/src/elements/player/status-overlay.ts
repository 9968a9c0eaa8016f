import { html, nothing, type TemplateResult } from 'lit';
import type { Localizer } from '../../i18n/localizer.ts';
import type { Playback } from '../../live/playback.ts';
import type { PlayerState } from '../../live/player-state.ts';
import { icon, type Icon } from '../../ui/icons.ts';

/** States in which nobody waits for anything. */
const ICONS: Partial<Record<PlayerState, Icon>> = {
  failed: 'alert',
  blocked: 'alert',
  gone: 'alert',
  unsupported: 'alert',
  forbidden: 'lock',
  stopped: 'stop',
  idle: 'moon',
};
/** States that the stream's own problem explains. */
const PROBLEMATIC: readonly PlayerState[] = ['connecting', 'retrying', 'failed', 'stalled', 'stopped'];
/** States that a person can end. */
const RETRYABLE: readonly PlayerState[] = ['retrying', 'failed', 'stalled', 'stopped'];

/**
 * What is the matter, over the middle of the picture.
 * @param retry has it tried again now; undefined where that is nobody's to ask
 */
export function statusOverlay(
  localizer: Localizer,
  { state, condition: { problem }, secondsToRetry, ports }: Pick<Playback, 'state' | 'condition' | 'secondsToRetry' | 'ports'>,
  retry: (() => void) | undefined,
): TemplateResult {
  const { t } = localizer;
  const symbol = ICONS[state];
  return html`
    ${symbol === undefined ? html`<span class="spinner"></span>` : icon(symbol)}
    <strong>${t(`state.${state}`)}</strong>
    <span class="reason">${problem !== undefined && PROBLEMATIC.includes(state) ? localizer.problem(problem) : t(`state.${state}.text`, { ports: ports.join(', ') })}</span>
    <span class="reason" aria-hidden="true">${secondsToRetry === undefined ? '' : t('state.retrying.at', { count: secondsToRetry })}</span>
    ${retry !== undefined && RETRYABLE.includes(state) ? html`<button class="retry" @click=${retry}>${icon('retry')} ${t('player.retry')}</button>` : nothing}
  `;
}

import { html, type TemplateResult } from 'lit';
import type { Localizer } from '../../i18n/localizer.ts';
import type { PublishReason } from '../../publish/publish-reason.ts';
import type { PublisherState } from '../../publish/publisher.ts';
import { icon } from '../../ui/icons.ts';

/**
 * What is the matter, over the picture.
 * @param seconds until the next attempt
 */
export function publisherOverlay({ t }: Localizer, state: PublisherState, reason: PublishReason | undefined, seconds: number | undefined): TemplateResult {
  if (reason === undefined) {
    const text = state === 'live' || state === 'retrying' || state === 'failed' ? '' : t(`publisher.${state}.text`);
    return html`${icon('camera')} <strong>${t(`publisher.${state}`)}</strong> <span>${text}</span>`;
  }
  return html`
    ${icon('alert')}
    <strong>${t(`publisher.${reason.code}`)}</strong>
    <span>${t(`publisher.${reason.code}.text`)}</span>
    ${reason.detail === undefined ? '' : html`<span lang="en">${reason.detail}</span>`}
    <span aria-hidden="true">${seconds === undefined ? '' : t('state.retrying.at', { count: seconds })}</span>
  `;
}

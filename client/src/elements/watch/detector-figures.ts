import type { StreamView } from '../../api/api.ts';
import type { Localizer } from '../../i18n/localizer.ts';

type DetectorStats = StreamView['stats']['detectors'][string];

/** What a detector without a problem does, in a few words. */
export function detectorFigures({ t, number }: Pick<Localizer, 't' | 'number'>, { state, fps, inferenceMs, workers }: DetectorStats): string {
  if (state !== 'ready' && state !== 'failed') return t(`detector.${state}`);
  const figures = [t('card.fps', { fps: Math.round(fps) }), `${number(inferenceMs)} ms`];
  // Of a detector elsewhere that is asked by HTTP, and of one with a single worker, the number says nothing.
  return [...figures, ...(workers === undefined || workers < 2 ? [] : [t('detector.workers', { count: workers })])].join(' · ');
}

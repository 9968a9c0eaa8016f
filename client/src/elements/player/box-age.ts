import type { Localizer } from '../../i18n/localizer.ts';

/** @param age frames since the one that a detector's result was computed on */
export function boxAge({ t }: Localizer, age: number): string {
  return age === 0 ? t('stats.ageExact') : t('stats.ageFrames', { count: age });
}

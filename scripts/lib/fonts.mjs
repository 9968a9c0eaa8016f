import { ensureDebian } from './debian.mjs';
import { run } from './run.mjs';

/** For labels in pictures, Chinese ones among them; without any, boxes have empty plates. */
export const FONTS = ['fontconfig', 'fonts-dejavu-core', 'fonts-noto-cjk'];

/**
 * Gets fonts where there are none that know Chinese. Labels are not worth a failed start: where fonts can't be installed, that is said.
 * @param {{ log: import('./say.mjs').Log }} options
 */
export async function offerFonts({ log }) {
  const { code, output } = await run('fc-list', [':lang=zh', 'family']);
  if (code === 0 && output.trim() !== '') return;
  try {
    await ensureDebian(FONTS, { purpose: 'for labels in the picture', log });
  } catch (error) {
    log.say(`going on without fonts, so that labels may have no text. ${error instanceof Error ? error.message : error}`);
  }
}

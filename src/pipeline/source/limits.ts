/** Pictures with more pixels than this are refused, whatever they come from: 8192 × 8192. */
export const MAX_PIXELS = 2 ** 26;

/** A share as it is typed: above 0, up to 1; null where it is left empty, undefined where it is no share. */
export function shareOf(text: string): number | null | undefined {
  const value = Number(text);
  if (text.trim() === '') return null;
  return value > 0 && value <= 1 ? value : undefined;
}

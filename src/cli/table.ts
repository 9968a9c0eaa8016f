/** Formats a table: columns as wide as their widest cell, one row per line. */
export function table(head: readonly string[] | undefined, rows: readonly (readonly string[])[]): string {
  const all = head === undefined ? rows : [head, ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
  return all.map((row) => `${line(row)}\n`).join('');
}

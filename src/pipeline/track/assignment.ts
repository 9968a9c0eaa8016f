/**
 * Assigns rows to columns at the lowest total cost: the Hungarian method with potentials, O(n²m) (Kuhn 1955, Munkres 1957).
 *
 * @param costs a row of costs for each row; a pair that must not be made costs `Infinity`
 * @returns for each row its column, or -1 where it has none
 */
export function assign(costs: readonly (readonly number[])[]): number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  if (rows === 0 || columns === 0) return costs.map(() => -1);
  // Rows may stay alone: each has a column of its own beyond the real ones, dearer than any real pair.
  const width = columns + rows;
  const cost = (row: number, column: number): number => {
    const value = column < columns ? costs[row]![column]! : column === columns + row ? ALONE : FORBIDDEN;
    return value === Infinity ? FORBIDDEN : value;
  };
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(width + 1);
  const rowOf = new Int32Array(width + 1);
  const from = new Int32Array(width + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    let column = 0;
    const slack = new Float64Array(width + 1).fill(Infinity);
    const visited = new Uint8Array(width + 1);
    do {
      visited[column] = 1;
      const current = rowOf[column]!;
      let delta = Infinity;
      let next = 0;
      for (let j = 1; j <= width; j++) {
        if (visited[j] === 1) continue;
        const reduced = cost(current - 1, j - 1) - rowPotential[current]! - columnPotential[j]!;
        if (reduced < slack[j]!) {
          slack[j] = reduced;
          from[j] = column;
        }
        if (slack[j]! < delta) {
          delta = slack[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= width; j++) {
        if (visited[j] === 1) {
          rowPotential[rowOf[j]!]! += delta;
          columnPotential[j]! -= delta;
        } else slack[j]! -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const previous = from[column]!;
      rowOf[column] = rowOf[previous]!;
      column = previous;
    }
  }
  const result = new Array<number>(rows).fill(-1);
  for (let j = 1; j <= columns; j++) if (rowOf[j]! > 0) result[rowOf[j]! - 1] = j - 1;
  return result;
}

const ALONE = 1e6;
const FORBIDDEN = 1e9;

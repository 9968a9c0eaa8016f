/**
 * Assigns rows to columns so that the costs of all pairs, and `limit` for each row that stays alone, add up to the least. Rows and
 * columns that have no possible pair in common are solved apart, because boxes overlap few others.
 *
 * @param costs a row of costs for each row; a pair that must not be made costs `Infinity`
 * @param limit no pair costs more than this
 * @returns for each row its column, or -1 where it has none
 */
export function assign(costs: readonly (readonly number[])[], limit: number): number[] {
  const result = new Array<number>(costs.length).fill(-1);
  for (const { rows, columns } of parts(costs, limit)) {
    hungarian(rows, columns, costs, limit).forEach((column, i) => (result[rows[i]!] = column));
  }
  return result;
}

/** Rows and columns that are connected by possible pairs. */
function* parts(costs: readonly (readonly number[])[], limit: number): Generator<{ rows: number[]; columns: number[] }> {
  const rowSeen = new Uint8Array(costs.length);
  const columnSeen = new Uint8Array(costs[0]?.length ?? 0);
  for (let first = 0; first < costs.length; first++) {
    if (rowSeen[first] === 1) continue;
    rowSeen[first] = 1;
    const rows = [first];
    const columns: number[] = [];
    for (let i = 0; i < rows.length; i++) {
      for (let column = 0; column < columnSeen.length; column++) {
        if (columnSeen[column] === 1 || costs[rows[i]!]![column]! > limit) continue;
        columnSeen[column] = 1;
        columns.push(column);
        for (let row = 0; row < costs.length; row++) {
          if (rowSeen[row] === 1 || costs[row]![column]! > limit) continue;
          rowSeen[row] = 1;
          rows.push(row);
        }
      }
    }
    if (columns.length > 0) yield { rows, columns };
  }
}

/**
 * The Hungarian method with potentials and shortest augmenting paths, O(n²m) (Kuhn 1955; Jonker and Volgenant 1987). Behind the real
 * columns each row has one of its own, for staying alone.
 */
function hungarian(rows: readonly number[], columns: readonly number[], costs: readonly (readonly number[])[], limit: number): number[] {
  const width = columns.length + rows.length;
  const costOf = (row: number, column: number): number => {
    const cost = column < columns.length ? costs[rows[row]!]![columns[column]!]! : column === columns.length + row ? limit : Infinity;
    // Finite, so that differences of potentials stay numbers; never chosen, because staying alone is cheaper.
    return cost > limit ? (limit + 1) * (rows.length + 1) : cost;
  };
  // All arrays count from 1; 0 is the row that is being placed.
  const rowPotential = new Float64Array(rows.length + 1);
  const columnPotential = new Float64Array(width + 1);
  const rowOf = new Int32Array(width + 1);
  const from = new Int32Array(width + 1);
  for (let row = 1; row <= rows.length; row++) {
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
        const reduced = costOf(current - 1, j - 1) - rowPotential[current]! - columnPotential[j]!;
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
  const result = new Array<number>(rows.length).fill(-1);
  for (let j = 1; j <= columns.length; j++) if (rowOf[j]! > 0) result[rowOf[j]! - 1] = columns[j - 1]!;
  return result;
}

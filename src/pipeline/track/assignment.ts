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
 * What the method below works with, from one call to the next: most parts are small, and fresh memory would cost more than they do. All
 * arrays count from 1; 0 is the row that is being placed.
 */
class Scratch {
  readonly rowPotential: Float64Array;
  readonly columnPotential: Float64Array;
  readonly slack: Float64Array;
  readonly rowOf: Int32Array;
  readonly from: Int32Array;
  readonly visited: Uint8Array;

  constructor(size: number) {
    [this.rowPotential, this.columnPotential, this.slack] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
    [this.rowOf, this.from, this.visited] = [new Int32Array(size), new Int32Array(size), new Uint8Array(size)];
  }

  get size(): number {
    return this.from.length;
  }
}

let scratch = new Scratch(64);

/**
 * The Hungarian method with potentials and shortest augmenting paths, O(n²m) (Kuhn 1955; Jonker and Volgenant 1987). Behind the real
 * columns each row has one of its own, for staying alone.
 */
function hungarian(rows: readonly number[], columns: readonly number[], costs: readonly (readonly number[])[], limit: number): number[] {
  if (rows.length === 1) return [cheapest(costs[rows[0]!]!, columns)];
  const width = columns.length + rows.length;
  if (scratch.size <= width) scratch = new Scratch(2 * width);
  const { rowPotential, columnPotential, slack, rowOf, from, visited } = scratch;
  rowPotential.fill(0, 0, rows.length + 1);
  columnPotential.fill(0, 0, width + 1);
  rowOf.fill(0, 0, width + 1);
  // Finite, so that differences of potentials stay numbers; never chosen, because staying alone is cheaper.
  const impossible = (limit + 1) * (rows.length + 1);
  for (let row = 1; row <= rows.length; row++) {
    rowOf[0] = row;
    let column = 0;
    slack.fill(Infinity, 0, width + 1);
    visited.fill(0, 0, width + 1);
    do {
      visited[column] = 1;
      const current = rowOf[column]!;
      const costsOfRow = costs[rows[current - 1]!]!;
      let delta = Infinity;
      let next = 0;
      for (let j = 1; j <= width; j++) {
        if (visited[j] === 1) continue;
        let cost = j <= columns.length ? costsOfRow[columns[j - 1]!]! : j === columns.length + current ? limit : Infinity;
        if (cost > limit) cost = impossible;
        const reduced = cost - rowPotential[current]! - columnPotential[j]!;
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

/** Of columns that are all possible. */
function cheapest(costs: readonly number[], columns: readonly number[]): number {
  let best = columns[0]!;
  for (const column of columns) if (costs[column]! < costs[best]!) best = column;
  return best;
}

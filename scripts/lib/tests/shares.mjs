/**
 * Something to do, and how much of the machine it wants: a third lets three such run side by side, 1 lets it run alone.
 * @template T
 * @typedef {{ share: number, run: () => Promise<T> }} Job
 */

/**
 * Does jobs in their order, each as soon as the machine has its share free.
 * @template T
 * @param {readonly Job<T>[]} jobs
 * @returns {Promise<T[]>} what they gave, in their order
 */
export async function inShares(jobs) {
  /** @type {Promise<T>[]} */
  const results = [];
  /** @type {Set<Promise<unknown>>} */
  const running = new Set();
  let free = 1;
  for (const { share, run } of jobs) {
    // Thirds that were taken and given back do not add up to one exactly.
    while (free < share - 1e-6) await Promise.race(running);
    free -= share;
    const result = run();
    results.push(result);
    const ended = result.finally(() => {
      free += share;
      running.delete(ended);
    });
    running.add(ended);
  }
  return Promise.all(results);
}

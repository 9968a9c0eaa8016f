import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { loadSession } from '../onnx-runtime.ts';

/** A whole ONNX model with the one node `y = MatMul(a, a)`, a: float32[n, n]. */
const PRODUCT = Buffer.from(
  '08083a480a110a01610a016112017922064d61744d756c120567726170685a150a016112100a0e0801120a0a0312016e0a0312016e62150a017912100a0e0801120a0a0312016e0a0312016e4202100b',
  'hex',
);
/** Rows of the matrix: 17 million multiplications, half a millisecond on one core. */
const ROWS = 256;
/** Runs after the first, which compiles. */
const RUNS = 3;
/** From so many times the CPU's processor time on, and so many milliseconds of it, a provider computes on the processor. */
const SOFTWARE = { times: 20, ms: 20 };

/** Milliseconds of processor time for one product of matrices: by a provider, and by the CPU. */
export interface ProcessorTime {
  readonly ms: number;
  readonly cpuMs: number;
}

/**
 * Tells a GPU that is a program from one that is none, in a second, where a model on it takes minutes: it keeps the processor busy. The
 * time of the clock would say the same of a GPU on a machine that does other things too.
 *
 * @returns undefined where the provider leaves the processor free
 * @throws DetectError or an error of ONNX Runtime where the provider does not work here
 */
export async function asSoftware(provider: string): Promise<ProcessorTime | undefined> {
  const [cpuMs, ms] = [await processorTime('cpu'), await processorTime(provider)];
  return ms > SOFTWARE.ms && ms > SOFTWARE.times * cpuMs ? { ms, cpuMs } : undefined;
}

async function processorTime(provider: string): Promise<number> {
  const { session } = await loadSession(PRODUCT, { threads: 1, providers: [provider] });
  const feeds: InferenceSession.FeedsType = { a: new Tensor('float32', new Float32Array(ROWS * ROWS).fill(1 / ROWS), [ROWS, ROWS]) };
  await session.run(feeds);
  let best = Infinity;
  for (let run = 0; run < RUNS; run += 1) {
    const from = process.cpuUsage();
    await session.run(feeds);
    const { user, system } = process.cpuUsage(from);
    best = Math.min(best, (user + system) / 1000);
  }
  await session.release();
  return best;
}

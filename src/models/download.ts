import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sha256Of } from '../pipeline/detect/onnx-file.ts';
import { ModelError } from './model-error.ts';

export interface DownloadProgress {
  /** Received bytes. */
  readonly received: number;
  /** Size of the whole file in bytes; undefined if the server does not say. */
  readonly total: number | undefined;
}

export interface DownloadOptions {
  readonly url: string;
  /** Path of the complete file. Until then it is at this path with `.part` appended. */
  readonly path: string;
  /** 64 lower-case hexadecimal digits; not checked if absent. */
  readonly sha256?: string | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which the download is given up. */
  readonly stallMs?: number | undefined;
}

/** The largest file of Protobuf, and so of ONNX. */
const MAX_BYTES = 2 ** 31;
const STALL_MS = 30_000;

/**
 * Downloads a file. Resumes an earlier attempt (`Range`, RFC 9110 §14).
 *
 * @throws ModelError `model-download`
 */
export async function download(options: DownloadOptions): Promise<void> {
  const part = `${options.path}.part`;
  await mkdir(dirname(options.path), { recursive: true });
  try {
    await fetchInto(part, options);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError('model-download', `${options.url} can't be fetched: ${reasonOf(error)}`, { cause: error });
  }
  if (options.sha256 !== undefined && (await sha256Of(part)) !== options.sha256) {
    await rm(part, { force: true });
    throw new ModelError('model-download', `What ${options.url} gave is not the expected file (sha256 differs); it was thrown away. Something between here and there may change downloads`);
  }
  await rename(part, options.path);
}

async function fetchInto(part: string, { url, onProgress, signal, stallMs = STALL_MS }: DownloadOptions): Promise<void> {
  const have = await stat(part).then(({ size }) => size, () => 0);
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`nothing came for ${stallMs / 1000} s`)), stallMs);
  const signals = signal === undefined ? [stalled.signal] : [stalled.signal, signal];
  let file: FileHandle | undefined;
  try {
    const response = await fetch(url, { headers: have > 0 ? { range: `bytes=${have}-` } : {}, signal: AbortSignal.any(signals) });
    // The part is as long as the file, or longer than the server's current one: the checksum decides.
    if (response.status === 416) return await response.body?.cancel();
    if (!response.ok || response.body === null) throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
    const start = response.status === 206 ? have : 0;
    const length = response.headers.get('content-length');
    const total = length === null ? undefined : start + Number(length);
    let received = start;
    file = await open(part, start > 0 ? 'r+' : 'w', 0o644);
    onProgress?.({ received, total });
    for await (const chunk of response.body) {
      timer.refresh();
      await file.write(chunk, 0, chunk.length, received);
      received += chunk.length;
      if (received > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
      onProgress?.({ received, total });
    }
  } finally {
    clearTimeout(timer);
    await file?.close();
  }
}

/** The innermost cause: `fetch` wraps the actual error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.message;
}

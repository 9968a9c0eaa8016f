/** In bytes: smaller than the planes of pictures and the buffers of encoders, larger than nearly all else. */
const MAPPED_BYTES = 256 << 10;

/**
 * How glibc shall keep the memory of a stream process; other libraries of C pass over it. By itself it gives each thread of libav an arena of its own, and
 * puts ever larger blocks among small ones, whose memory it can then give back no more: a third of what such a process holds. What somebody has
 * set for the server counts instead.
 */
export function allocatorEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return { MALLOC_ARENA_MAX: env['MALLOC_ARENA_MAX'] ?? '2', MALLOC_MMAP_THRESHOLD_: env['MALLOC_MMAP_THRESHOLD_'] ?? String(MAPPED_BYTES) };
}

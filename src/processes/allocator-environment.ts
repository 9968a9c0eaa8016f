/** mmap threshold in bytes: below the size of picture planes and encoder buffers, above nearly everything else. */
const MAPPED_BYTES = 256 << 10;

/**
 * Settings of glibc's allocator for a stream process; other C libraries ignore them. By default, it gives each thread of libav an arena of its own and mixes
 * ever larger blocks with small ones, so that it can't return their memory: a third of what such a process holds. Settings in the server's own
 * environment take precedence.
 */
export function allocatorEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return { MALLOC_ARENA_MAX: env['MALLOC_ARENA_MAX'] ?? '2', MALLOC_MMAP_THRESHOLD_: env['MALLOC_MMAP_THRESHOLD_'] ?? String(MAPPED_BYTES) };
}

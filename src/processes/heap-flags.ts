/**
 * How V8 shall keep the heap of a stream process. What lives there is small and what each frame leaves behind is not: by itself V8
 * collects the whole heap every second or more often, and lets the part for new objects grow to tens of megabytes.
 *
 * A process that compiles for such a process must have the same: V8 takes compiled code from its equals only.
 */
export const STREAM_HEAP_FLAGS: readonly string[] = ['--initial-old-space-size=64', '--max-semi-space-size=4'];

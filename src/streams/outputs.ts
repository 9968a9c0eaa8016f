import type { StreamCommand } from '../pipeline/ipc/commands.ts';
import type { Output, OutputLeases } from '../pipeline/ipc/outputs.ts';
import type { Variant } from '../pipeline/media/info.ts';

/** What {@link Outputs} are made from. */
export interface OutputsInit {
  /** Whether a process takes commands. */
  readonly running: () => boolean;
  /** Tells the process; lost where none takes commands. */
  readonly send: (command: StreamCommand) => void;
  /** Takes the RTP sequence number that the first packet of an output gets from a process. */
  readonly firstSequence: (id: number) => number;
  /** An output was closed for good. */
  readonly closed: (id: number) => void;
  /** {@link Outputs.variants} are others now. */
  readonly changed: () => void;
}

/**
 * Everything that is wanted of one stream, and the process that makes it: a table of leases, of which each new process is told. A lease
 * outlives processes; its output keeps its id, so that receivers see one RTP stream.
 */
export class Outputs implements OutputLeases {
  readonly #init: OutputsInit;
  readonly #outputs = new Map<number, Output>();
  #annotations = 0;
  #nextId = 1;

  constructor(init: OutputsInit) {
    this.#init = init;
  }

  /** The variants that are wanted. */
  get variants(): Variant[] {
    return [...new Set([...this.#outputs.values()].flatMap((output) => (output.of === 'video' ? [output.rendition.variant] : [])))];
  }

  lease(output: Output): () => void {
    const id = this.#nextId++;
    this.#outputs.set(id, output);
    this.#open(id, output);
    if (output.of === 'video') this.#init.changed();
    return () => {
      if (!this.#outputs.delete(id)) return;
      this.#init.send({ type: 'output-close', id });
      this.#init.closed(id);
      if (output.of === 'video') this.#init.changed();
    };
  }

  leaseAnnotations(): () => void {
    this.#annotations += 1;
    if (this.#annotations === 1) this.#tellAnnotations();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#annotations -= 1;
      if (this.#annotations === 0) this.#tellAnnotations();
    };
  }

  /** Tells a new process of all that is wanted. */
  begin(): void {
    for (const [id, output] of this.#outputs) this.#open(id, output);
    if (this.#annotations > 0) this.#tellAnnotations();
  }

  #open(id: number, output: Output): void {
    const { running, send, firstSequence } = this.#init;
    if (running()) send({ type: 'output-open', id, output, firstSequence: firstSequence(id) });
  }

  #tellAnnotations(): void {
    if (this.#init.running()) this.#init.send({ type: 'annotations', wanted: this.#annotations > 0 });
  }
}

import type { Output, OutputLeases } from '../pipeline/ipc/outputs.ts';

interface Lease {
  readonly begin: (leases: OutputLeases) => () => void;
  release: (() => void) | undefined;
}

/** The leases of a broadcast, passed on to its stream as soon as that is known: a broadcast may be there before its stream. */
export class DeferredLeases implements OutputLeases {
  readonly #open = new Set<Lease>();
  #leases: OutputLeases | undefined;

  /** From now on, leases are the stream's. */
  supply(leases: OutputLeases): void {
    this.#leases = leases;
    for (const lease of this.#open) {
      lease.release?.();
      lease.release = lease.begin(leases);
    }
  }

  lease(output: Output): () => void {
    return this.#begin((leases) => leases.lease(output));
  }

  leaseAnnotations(): () => void {
    return this.#begin((leases) => leases.leaseAnnotations());
  }

  /** Ends all leases. */
  clear(): void {
    for (const lease of this.#open) lease.release?.();
    this.#open.clear();
  }

  #begin(begin: Lease['begin']): () => void {
    const lease: Lease = { begin, release: this.#leases === undefined ? undefined : begin(this.#leases) };
    this.#open.add(lease);
    return () => {
      if (this.#open.delete(lease)) lease.release?.();
    };
  }
}

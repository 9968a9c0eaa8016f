/** A counted reference; `release` gives it back and is idempotent. */
export interface Ref<T> {
  readonly value: T;
  readonly release: () => void;
}

interface Entry<T> {
  readonly making: Promise<T>;
  value?: T;
  users: number;
}

/** Values by key, each created for its first user and disposed of after its last. */
export class RefCounted<K, T> {
  readonly #make: (key: K) => Promise<T>;
  readonly #unmake: (value: T) => void;
  readonly #entries = new Map<K, Entry<T>>();

  constructor(make: (key: K) => Promise<T>, unmake: (value: T) => void) {
    this.#make = make;
    this.#unmake = unmake;
  }

  /** The values that exist now. */
  *values(): Generator<T> {
    for (const { value } of this.#entries.values()) if (value !== undefined) yield value;
  }

  /** Acquires a reference. @throws what creating the value throws; the next user tries again */
  async acquire(key: K): Promise<Ref<T>> {
    const entry = this.#entries.get(key) ?? this.#add(key);
    // Counted before the first await, so that another user's release can't dispose of it meanwhile.
    entry.users += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      entry.users -= 1;
      if (entry.users > 0) return;
      this.#remove(key, entry);
      if (entry.value !== undefined) this.#unmake(entry.value);
    };
    try {
      return { value: await entry.making, release };
    } catch (error) {
      this.#remove(key, entry);
      throw error;
    }
  }

  /** The values are gone already: forgets them, so that new users get new ones. */
  clear(): void {
    this.#entries.clear();
  }

  #add(key: K): Entry<T> {
    const entry: Entry<T> = { making: this.#make(key), users: 0 };
    this.#entries.set(key, entry);
    entry.making.then(
      (value) => (entry.value = value),
      () => this.#remove(key, entry),
    );
    return entry;
  }

  #remove(key: K, entry: Entry<T>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

import type { RtpPacket } from './packet.ts';

/** How long later packets wait for one that is missing, in milliseconds: for a retransmission from a publisher that is far away. */
const PATIENCE_MS = 250;
/** How many wait at most. */
const MAX_WAITING = 1024;
/** A step larger than this is no loss: the sender has begun anew. */
const MAX_STEP = 4096;

/** A packet in its place; `afterLoss` where packets before it are missing for good. */
export interface OrderedPacket {
  readonly packet: RtpPacket;
  readonly afterLoss: boolean;
}

/** Brings the packets of one RTP stream into order. What is missing is waited for, but not long. */
export class PacketOrder {
  readonly #waiting = new Map<number, RtpPacket>();
  #expected: number | undefined;
  #waitingSince = 0;

  /** @param at milliseconds, on any clock that never steps back */
  push(packet: RtpPacket, at: number): OrderedPacket[] {
    const expected = (this.#expected ??= packet.sequence);
    const ahead = (packet.sequence - expected) & 0xffff;
    if (ahead >= 0x1_0000 - MAX_STEP) return [];
    if (ahead > MAX_STEP) {
      this.#waiting.clear();
      this.#expected = (packet.sequence + 1) & 0xffff;
      return [{ packet, afterLoss: true }];
    }
    if (this.#waiting.size === 0) this.#waitingSince = at;
    this.#waiting.set(packet.sequence, packet);
    const ready = this.#inOrder(false);
    if (ready.length > 0) this.#waitingSince = at;
    if (this.#waiting.size <= MAX_WAITING && at - this.#waitingSince <= PATIENCE_MS) return ready;
    this.#skip();
    this.#waitingSince = at;
    return [...ready, ...this.#inOrder(true)];
  }

  /** Sequence numbers of packets that others wait for, in their order; of many, the first. */
  missing(most = 64): number[] {
    const missing: number[] = [];
    if (this.#expected === undefined) return missing;
    for (let sequence = this.#expected, found = 0; found < this.#waiting.size && missing.length < most; sequence = (sequence + 1) & 0xffff) {
      if (this.#waiting.has(sequence)) found += 1;
      else missing.push(sequence);
    }
    return missing;
  }

  #inOrder(afterLoss: boolean): OrderedPacket[] {
    const ready: OrderedPacket[] = [];
    for (let packet = this.#next(); packet !== undefined; packet = this.#next()) {
      this.#waiting.delete(packet.sequence);
      this.#expected = (packet.sequence + 1) & 0xffff;
      ready.push({ packet, afterLoss: afterLoss && ready.length === 0 });
    }
    return ready;
  }

  #next(): RtpPacket | undefined {
    return this.#expected === undefined ? undefined : this.#waiting.get(this.#expected);
  }

  /** Goes on with the first that waits. */
  #skip(): void {
    const expected = this.#expected ?? 0;
    const distance = (sequence: number): number => (sequence - expected) & 0xffff;
    const [first] = [...this.#waiting.keys()].sort((a, b) => distance(a) - distance(b));
    if (first !== undefined) this.#expected = first;
  }
}

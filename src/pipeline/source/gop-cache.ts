import { AV_PKT_FLAG_KEY } from 'node-av/constants';
import type { Packet } from 'node-av/lib';

/** Of a longer group of pictures nothing is kept: decoding it takes longer than the next key frame may. */
const MAX_PACKETS = 600;
const MAX_BYTES = 32 << 20;

/** The packets of a source since its last key frame: with them a decoder can begin at any time. */
export class GopCache {
  #packets: Packet[] = [];
  #bytes = 0;

  /** In decoding order, a key frame first; empty where there is none, or the group was too long. */
  get packets(): readonly Packet[] {
    return this.#packets;
  }

  /** Keeps a reference to a packet, which stays the caller's. */
  push(packet: Packet): void {
    const key = (packet.flags & AV_PKT_FLAG_KEY) !== 0;
    if (key) this.clear();
    if (!key && this.#packets.length === 0) return;
    const kept = packet.clone();
    if (kept === null) return this.clear();
    kept.timeBase = packet.timeBase;
    this.#packets.push(kept);
    this.#bytes += packet.size;
    if (this.#packets.length > MAX_PACKETS || this.#bytes > MAX_BYTES) this.clear();
  }

  clear(): void {
    for (const packet of this.#packets) packet.free();
    this.#packets = [];
    this.#bytes = 0;
  }
}

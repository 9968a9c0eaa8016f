const LONG = 0x8000;

/** Counts the frames of VP8 and VP9 (RFC 7741 §4.2, RFC 9628 §4.2): 15 bits behind one that says that it is not 7. */
export class PictureId {
  /** The number may begin anywhere. */
  #next = Math.floor(Math.random() * LONG);

  /** @returns what stands in the descriptor, uint16 */
  next(): number {
    const id = this.#next;
    this.#next = (id + 1) % LONG;
    return LONG | id;
  }
}

/** Exchanges that are remembered; older ones say little about a clock that drifts. */
const KEPT = 10;

/** Estimates how far the server's clock is ahead of this one, from the exchange with the shortest round trip (as NTP does, RFC 5905). */
export class ClockOffset {
  #exchanges: { rtt: number; offset: number }[] = [];

  /**
   * @param sent when the question left, on this clock; all times in milliseconds since the epoch
   * @param serverTime when the server answered, on its clock
   * @param received when the answer came, on this clock
   */
  add(sent: number, serverTime: number, received: number): void {
    const rtt = received - sent;
    if (!(rtt >= 0)) return;
    this.#exchanges = [...this.#exchanges.slice(1 - KEPT), { rtt, offset: serverTime - (sent + received) / 2 }];
  }

  /** Milliseconds to add to this clock for the server's time; undefined before the first exchange. */
  get offset(): number | undefined {
    return this.#best?.offset;
  }

  /** Milliseconds of the shortest round trip: the offset is wrong by half of it at most. */
  get rtt(): number | undefined {
    return this.#best?.rtt;
  }

  get #best(): { rtt: number; offset: number } | undefined {
    return this.#exchanges.reduce<{ rtt: number; offset: number } | undefined>((best, one) => (best === undefined || one.rtt < best.rtt ? one : best), undefined);
  }
}

/** Milliseconds since the epoch with fractions, from the clock that does not step. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

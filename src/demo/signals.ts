/** Seconds of each phase: vehicles drive, are warned, people may start to cross, and have time to arrive. */
const DRIVE = 21;
const WARNING = 3;
const PAUSE = 1.2;
const WALK = 7;
const CLEARING = 12.5;
const CYCLE = DRIVE + WARNING + PAUSE + WALK + CLEARING;

/** What the lights at the crossing show. */
export interface Signals {
  readonly vehicles: 'green' | 'amber' | 'red';
  /** Whether people may step onto the crossing. */
  readonly walk: boolean;
}

/** @param time seconds of the scene */
export function signalsAt(time: number): Signals {
  const at = time % CYCLE;
  if (at < DRIVE) return { vehicles: 'green', walk: false };
  if (at < DRIVE + WARNING) return { vehicles: 'amber', walk: false };
  const since = at - DRIVE - WARNING - PAUSE;
  return { vehicles: 'red', walk: since >= 0 && since < WALK };
}

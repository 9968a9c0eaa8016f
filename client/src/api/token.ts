const STORED = 'framelock-token';

/** The administrator's token, where the server asks for one; kept until the tab is closed. */
export function token(): string | undefined {
  try {
    return sessionStorage.getItem(STORED) ?? undefined;
  } catch {
    return undefined;
  }
}

export function setToken(value: string): void {
  try {
    sessionStorage.setItem(STORED, value);
  } catch {
    // A page without storage asks again; that is all.
  }
}

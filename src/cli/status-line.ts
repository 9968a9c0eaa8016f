/** Status of something that is running, on stderr: one line that is redrawn on a terminal, else a line whenever `state` changes. */
export class StatusLine {
  readonly #out: NodeJS.WriteStream;
  #state = '';
  #drawn = false;

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
  }

  /** @param state printed even without a terminal, when it changes @param figures what changes all the time */
  update(state: string, figures = ''): void {
    if (this.#out.isTTY) {
      this.#out.write(`\r${[state, figures].filter(Boolean).join(' · ').slice(0, this.#out.columns - 1)}\x1b[K`);
      this.#drawn = true;
    } else if (state !== this.#state) {
      this.#out.write(`${state}\n`);
    }
    this.#state = state;
  }

  end(): void {
    if (this.#drawn) this.#out.write('\n');
    this.#drawn = false;
  }
}

const WIDTH = 30;
/** Share of the whole between two lines without a terminal. */
const STEP = 0.1;

/** Progress of a download, on stderr: a bar on a terminal, else a line now and then. */
export class ProgressLine {
  readonly #title: string;
  readonly #out: NodeJS.WriteStream;
  #said = -Infinity;
  #drawn = false;

  constructor(title: string, out: NodeJS.WriteStream = process.stderr) {
    this.#title = title;
    this.#out = out;
  }

  /** @param received bytes @param total bytes, if known */
  update(received: number, total: number | undefined): void {
    const share = total === undefined || total === 0 ? undefined : received / total;
    const amount = `${megabytes(received)}${total === undefined ? '' : ` of ${megabytes(total)}`} MB`;
    if (this.#out.isTTY) {
      const filled = Math.round((share ?? 0) * WIDTH);
      this.#out.write(`\r${this.#title} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${amount}\x1b[K`);
      this.#drawn = true;
    } else if ((share ?? received / 2 ** 24) - this.#said >= STEP || share === 1) {
      this.#said = share ?? received / 2 ** 24;
      this.#out.write(`${this.#title}: ${amount}\n`);
    }
  }

  end(): void {
    if (this.#drawn) this.#out.write('\n');
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** One error of a configuration. */
export interface ConfigProblem {
  /** Path of the file, or `environment`, or `command line`. */
  readonly origin: string;
  /** Line in the file, from 1. */
  readonly line?: number;
  /** Path of the setting, such as `http.port`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** The configuration is invalid; the message lists every error, one per line. */
export class ConfigError extends Error {
  readonly code = 'config-invalid';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(['The configuration can’t be used:', ...problems.map((problem) => `  ${format(problem)}`)].join('\n'), options);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function format({ origin, line, path, message }: ConfigProblem): string {
  const where = line === undefined ? origin : `${origin}:${line}`;
  return path === '' ? `${where}: ${message}` : `${where}: ${path}: ${message}`;
}

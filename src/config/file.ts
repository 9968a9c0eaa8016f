import { readFileSync } from 'node:fs';
import { isCollection, isPair, isScalar, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import { coerce } from './coerce.ts';
import { ConfigError, type ConfigProblem } from './errors.ts';
import { formatPath } from './explain.ts';
import { ConfigSchema } from './schema.ts';
import { schemaAt } from './walk.ts';

/** Largest accepted configuration file, in bytes. */
const MAX_BYTES = 4 << 20;

/** A configuration file: its values, and the lines of its settings. */
export class ConfigFile {
  readonly path: string;
  /** Its values with `${VAR}` filled in; not validated. */
  readonly values: unknown;
  readonly #document: Document;
  readonly #lines: LineCounter;

  private constructor(path: string, document: Document, lines: LineCounter, values: unknown) {
    this.path = path;
    this.values = values;
    this.#document = document;
    this.#lines = lines;
  }

  /**
   * Reads a YAML file (JSON is YAML too) and fills in `${VAR}` from the environment; `$${` stands for `${`.
   * @throws ConfigError if it can't be read, is not YAML, or names a variable that is not set
   */
  static read(path: string, env: NodeJS.ProcessEnv): ConfigFile {
    const lines = new LineCounter();
    const document = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false, merge: true });
    const broken = [...document.errors, ...document.warnings].map((error) => ({
      origin: path,
      line: lines.linePos(error.pos[0]).line,
      path: '',
      message: error.message,
    }));
    if (broken.length > 0) throw new ConfigError(broken);
    const problems = interpolate(document, env, (path_, offset, message) => ({
      origin: path,
      line: lines.linePos(offset).line,
      path: formatPath(path_),
      message,
    }));
    if (problems.length > 0) throw new ConfigError(problems);
    try {
      return new ConfigFile(path, document, lines, document.toJS({ maxAliasCount: 1000 }) ?? {});
    } catch (cause) {
      throw new ConfigError([{ origin: path, path: '', message: 'Its aliases can’t be resolved.' }], { cause });
    }
  }

  /** Whether it sets a path. */
  has(path: readonly PropertyKey[]): boolean {
    return this.#document.hasIn(path);
  }

  /** The line, from 1, of a setting, or of the nearest enclosing node in the file. */
  line(path: readonly PropertyKey[]): number | undefined {
    let offset: number | undefined;
    let node: unknown = this.#document.contents;
    for (const key of path) {
      if (!isCollection(node)) break;
      const item: unknown = node.items.find((each, index) =>
        isPair(each) ? isScalar(each.key) && String(each.key.value) === String(key) : index === key,
      );
      if (item === undefined) break;
      const start = isPair(item) ? (item.key as Node | null) : (item as Node);
      offset = start?.range?.[0] ?? offset;
      node = isPair(item) ? item.value : item;
    }
    return offset === undefined ? undefined : this.#lines.linePos(offset).line;
  }
}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'There is no such file.' : 'The file can’t be read.';
    throw new ConfigError([{ origin: path, path: '', message: reason }], { cause });
  }
  if (bytes.length > MAX_BYTES) throw new ConfigError([{ origin: path, path: '', message: `The file is larger than ${MAX_BYTES} bytes.` }]);
  return bytes.toString('utf8');
}

/** Fills in `${VAR}` in place, and converts the value to the type of its setting. */
function interpolate(
  document: Document,
  env: NodeJS.ProcessEnv,
  problem: (path: PropertyKey[], offset: number, message: string) => ConfigProblem,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const path = pathOf(ancestors as Node[], node);
      const fail = (message: string): string => {
        problems.push(problem(path, node.range?.[0] ?? 0, message));
        return '';
      };
      const text = node.value.replace(/\$\$\{|\$\{([^}]*)\}?/g, (match, name: string | undefined) => {
        if (match === '$${') return '${';
        if (name === undefined || !match.endsWith('}') || !/^[A-Za-z_]\w*$/.test(name)) {
          return fail('A variable is written ${NAME}; for the text itself write $${.');
        }
        return env[name] ?? fail(`The environment variable ${name} is not set.`);
      });
      const schema = schemaAt(ConfigSchema, path);
      node.value = schema === undefined ? text : coerce(schema, text);
    },
  });
  return problems;
}

/** Keys from the root to a node, given its ancestors. */
function pathOf(ancestors: readonly Node[], node: Node): PropertyKey[] {
  const path: PropertyKey[] = [];
  const chain: unknown[] = [...ancestors, node];
  for (const [index, holder] of chain.entries()) {
    if (isPair(holder)) path.push(String(isScalar(holder.key) ? holder.key.value : ''));
    else if (isCollection(holder) && !isPair(chain[index + 1]) && chain[index + 1] !== undefined) {
      path.push(holder.items.indexOf(chain[index + 1] as never));
    }
  }
  return path;
}

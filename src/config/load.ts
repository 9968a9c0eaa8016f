import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { coerceSetting } from './coerce.ts';
import { ConfigError, type ConfigProblem } from './errors.ts';
import { explain, formatPath, type Finding } from './explain.ts';
import { ConfigFile } from './file.ts';
import { ConfigSchema, type Config } from './schema.ts';
import { suggest } from './suggest.ts';
import { settings, type Setting } from './walk.ts';

/** The sources of a configuration. */
export interface ConfigSources {
  /** `--config`; overrides `FRAMELOCK_CONFIG`. */
  readonly path?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Base folder of relative paths, except those in the file, which are relative to the file's folder. */
  readonly cwd: string;
  /** Whether the log goes to a terminal. */
  readonly terminal?: boolean;
}

/** A configuration, with warnings for the log. */
export interface LoadedConfig {
  readonly config: Config;
  /** Absolute path of the file, if one was read. */
  readonly file: string | undefined;
  readonly warnings: readonly string[];
}

/** Values before validation: nested plain objects. */
type Tree = Record<string, unknown>;

const PREFIX = 'FRAMELOCK_';

/** Variables with the product's prefix that are not settings: of this file, of the setup and of the launcher. */
const OTHER_VARIABLES = ['FRAMELOCK_CONFIG', 'FRAMELOCK_CACHE_DIR', 'FRAMELOCK_LAUNCHER_PID'];

/**
 * Reads file and environment. The environment overrides the file, and the file the defaults.
 * @throws ConfigError listing everything that is wrong
 */
export function loadConfig({ path, env, cwd, terminal = false }: ConfigSources): LoadedConfig {
  const named = path ?? given(env, 'FRAMELOCK_CONFIG');
  const file = named === undefined ? undefined : ConfigFile.read(resolve(cwd, named), env);
  const all = settings(ConfigSchema);
  const tree = (file === undefined ? {} : withoutNulls(file.values)) as Tree;
  if (file !== undefined) resolvePaths(tree, all, dirname(file.path));

  const fromEnv = new Map<string, string>();
  for (const setting of all) {
    const text = setting.env === undefined ? undefined : given(env, setting.env);
    if (text === undefined || setting.env === undefined || !isTree(tree)) continue;
    const value = coerceSetting(setting, text);
    assign(tree, setting.path, setting.meta.isPath === true ? absolute(value, cwd) : value);
    fromEnv.set(setting.path.join('.'), setting.env);
  }

  const locate = locator(file, fromEnv);
  const parsed = ConfigSchema.safeParse(tree);
  if (!parsed.success) throw new ConfigError(explain(parsed.error, ConfigSchema).map(locate));
  const config = complete(parsed.data, cwd, terminal);
  const findings = crossCheck(config);
  if (findings.length > 0) throw new ConfigError(findings.map(locate));
  return { config, file: file?.path, warnings: warningsFor(config, all, env) };
}

/** An environment variable; an empty one counts as unset, as in compose files. */
function given(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name];
  return text === undefined || text === '' ? undefined : text;
}

/** Locates the wrong value of a finding. */
function locator(file: ConfigFile | undefined, fromEnv: ReadonlyMap<string, string>): (finding: Finding) => ConfigProblem {
  return ({ keys, path, message }) => {
    for (let length = keys.length; length > 0; length--) {
      const name = fromEnv.get(keys.slice(0, length).join('.'));
      if (name !== undefined) return { origin: `environment variable ${name}`, path, message };
    }
    if (file === undefined) return { origin: 'defaults', path, message };
    const line = file.line(keys);
    return { origin: file.path, path, message, ...(line === undefined ? {} : { line }) };
  };
}

/** Fills in what depends on the machine and on other settings. */
function complete(parsed: z.infer<typeof ConfigSchema>, cwd: string, terminal: boolean): Config {
  return {
    ...parsed,
    dataDir: resolve(cwd, parsed.dataDir),
    mediaRoots: parsed.mediaRoots.map((root) => resolve(cwd, root)),
    sources: { ...parsed.sources, tls: trusted(parsed.sources.tls, cwd) },
    ...(parsed.modelsDir === undefined ? {} : { modelsDir: resolve(cwd, parsed.modelsDir) }),
    webrtc: { ...parsed.webrtc, listen: parsed.webrtc.listen ?? mediaAddress(parsed.http.host) },
    rtmp: { ...parsed.rtmp, host: parsed.rtmp.host ?? parsed.http.host },
    log: { ...parsed.log, pretty: parsed.log.pretty ?? terminal },
    detection: { ...parsed.detection, threads: parsed.detection.threads ?? Math.max(1, Math.floor(availableParallelism() / 2)) },
  };
}

/** The media address for an HTTP host: media needs an IP address, HTTP may have a name. */
function mediaAddress(host: string): string {
  if (isIP(host) !== 0) return host;
  return isLoopback(host) ? '127.0.0.1' : '0.0.0.0';
}

/** Whether only this machine can reach a host name or address. */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** Checks across settings. */
function crossCheck(config: Config): Finding[] {
  const findings: Finding[] = [];
  const find = (keys: PropertyKey[], message: string): void => void findings.push({ keys, path: formatPath(keys), message });
  if (!isLoopback(config.http.host) && config.auth.token === undefined) {
    find(
      ['http', 'host'],
      `${config.http.host} can be reached from other machines. Set auth.token (FRAMELOCK_TOKEN) first, or bind to 127.0.0.1.`,
    );
  }
  const { rtmp } = config;
  if (rtmp.enabled && rtmp.host !== config.http.host && !isLoopback(rtmp.host) && config.auth.token === undefined) {
    find(
      ['rtmp', 'host'],
      `${rtmp.host} can be reached from other machines. Set auth.token (FRAMELOCK_TOKEN) first, or bind to 127.0.0.1.`,
    );
  }
  const seen = new Set<string>();
  for (const [index, { id }] of config.streams.entries()) {
    if (seen.has(id)) find(['streams', index, 'id'], `The id “${id}” is taken by an earlier stream.`);
    seen.add(id);
  }
  if (config.streams.length > config.limits.streams) {
    find(['streams'], `There are ${config.streams.length} streams, limits.streams allows ${config.limits.streams}.`);
  }
  return findings;
}

function warningsFor(config: Config, all: readonly Setting[], env: NodeJS.ProcessEnv): string[] {
  const known = [...all.flatMap(({ env: name }) => name ?? []), ...OTHER_VARIABLES];
  const endings = known.map((name) => name.slice(PREFIX.length));
  const strange = Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .flatMap((name) => {
      const meant = suggest(name.slice(PREFIX.length), endings);
      return meant === undefined ? [] : [`The environment variable ${name} is no setting and is ignored. Did you mean “${PREFIX}${meant}”?`];
    });
  const weak =
    (!isLoopback(config.http.host) || (config.rtmp.enabled && !isLoopback(config.rtmp.host))) && (config.auth.token?.length ?? 0) < 16
      ? ['auth.token is shorter than 16 characters, and the server can be reached from other machines.']
      : [];
  return [...strange, ...weak];
}

/** Makes paths of the file absolute, in place. */
function resolvePaths(tree: Tree, all: readonly Setting[], folder: string): void {
  for (const { path, meta } of all) {
    if (meta.isPath !== true || !isTree(tree)) continue;
    const within = path.slice(0, -1).reduce((at: unknown, key) => (isTree(at) ? at[key] : undefined), tree);
    const key = path.at(-1)!;
    if (isTree(within) && Object.hasOwn(within, key)) within[key] = absolute(within[key], folder);
  }
}

/** Copies a value without nulls, which YAML has after a lone `key:`. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null)
      .map(([key, child]) => [key, withoutNulls(child)]),
  );
}

function absolute(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((each) => absolute(each, folder));
  return typeof value === 'string' && value !== '' ? resolve(folder, value) : value;
}

function assign(tree: Tree, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const child = tree[key];
  if (child === undefined || child === null) tree[key] = {};
  if (isTree(tree[key])) assign(tree[key], rest, value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where systems keep the certificates of public authorities. */
const AUTHORITIES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];

/** Adds the file of certificate authorities to use, if there is one. */
function trusted({ verify, caFile }: Config['sources']['tls'], cwd: string): Config['sources']['tls'] {
  const file = caFile === undefined ? AUTHORITIES.find((path) => existsSync(path)) : resolve(cwd, caFile);
  return { verify, ...(verify && file !== undefined ? { caFile: file } : {}) };
}

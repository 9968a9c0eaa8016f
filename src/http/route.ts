import type { z } from 'zod';
import type { Answer, Body, JsonContent, Reply, ReplyOf } from './content.ts';

/** What a caller has to be allowed to do; `public`: nothing. */
export const ACTIONS = ['public', 'view', 'publish', 'configure', 'administer'] as const;
export type Action = (typeof ACTIONS)[number];

export type Method = 'get' | 'post' | 'patch' | 'delete';

/** A refusal that a route can answer with: a problem (RFC 9457). */
export interface ProblemInfo {
  readonly status: number;
  /** Its `code`; left out, it has none. */
  readonly code?: string;
  /** When that happens, or what is wrong then: a sentence. */
  readonly when: string;
}

/** What is known of a route without running it. */
export interface RouteInfo {
  readonly method: Method;
  /** As Express has it: `/api/streams/:id`. */
  readonly path: string;
  /** The subject that it belongs to. */
  readonly tag: string;
  /** What it does: a sentence. */
  readonly summary: string;
  readonly action: Action;
  /** Of parameters in the path that have to look a certain way; where one doesn't, there is no such thing (404). */
  readonly params?: Readonly<Record<string, z.ZodType>>;
  /** An object, perhaps transformed. Parameters that it does not name are passed over. */
  readonly query?: z.ZodType;
  /** Headers that may be sent, each with what it does. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Its own refusals; `problemsOf` adds those that follow from the rest. */
  readonly problems?: readonly ProblemInfo[];
}

/** What a request brought, checked. */
export interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  /** What `find` gave. */
  readonly found: unknown;
}

/** A route: its description, and what it does with what it is bound to. */
export interface Route<Deps> extends RouteInfo {
  /** Looks for what the path names, and throws where it is not there: before query and body are checked, so that this is 404 whatever else is sent. */
  readonly find: (params: unknown, deps: Deps) => unknown;
  readonly handle: (input: Input, deps: Deps) => Reply | Promise<Reply>;
}

/** A route that needs nothing more: it can be mounted. */
export type BoundRoute = Route<void>;

/** Names of the parameters of a path. */
type ParamName<Path extends string> = Path extends `${infer Part}/${infer Rest}` ? ParamName<Part> | ParamName<Rest> : Path extends `:${infer Name}` ? Name : never;

type ParamsOf<Path extends string, Params> = { readonly [Name in ParamName<Path>]: Name extends keyof Params ? (Params[Name] extends z.ZodType ? z.output<Params[Name]> : string) : string };
type QueryOf<Query> = [Query] extends [never] ? undefined : Query extends z.ZodType ? z.output<Query> : never;
type BodyOf<Given> = [Given] extends [never] ? undefined : Given extends JsonContent<infer Schema> ? z.output<Schema> : string;

/** A {@link RouteInfo}, with the types of everything in it. */
interface Described<Deps, Path extends string, Params, Query, Header extends string, Given, Answers, Found> extends Pick<RouteInfo, 'method' | 'summary' | 'action' | 'problems'> {
  readonly path: Path;
  readonly params?: Params & Readonly<Partial<Record<ParamName<Path>, z.ZodType>>> & Readonly<Record<Exclude<keyof Params, ParamName<Path>>, never>>;
  readonly query?: Query & z.ZodType;
  readonly headers?: Readonly<Record<Header, string>>;
  readonly body?: Given & Body;
  readonly answers: Answers & Readonly<Record<number, Answer>>;
  /** See {@link Route.find}. */
  readonly find?: (params: ParamsOf<Path, Params>, deps: Deps) => Found;
}

interface Asked<Path extends string, Params, Query, Header extends string, Given, Found> {
  readonly params: ParamsOf<Path, Params>;
  readonly query: QueryOf<Query>;
  readonly headers: Readonly<Partial<Record<Header, string>>>;
  readonly body: BodyOf<Given>;
  readonly found: Awaited<Found>;
}

/**
 * What makes the routes of one subject. A route is described once; what is mounted, the OpenAPI document and the tables in docs/api.md
 * all follow from that.
 *
 * @typeParam Deps what they work with, given when they are bound
 * @param tag the subject
 */
export function routesOf<Deps>(tag: string) {
  return function route<
    const Path extends string,
    const Answers,
    Params = unknown,
    Query = never,
    Header extends string = never,
    Given = never,
    Found = undefined,
  >(
    described: Described<Deps, Path, Params, Query, Header, Given, Answers, Found>,
    handle: (input: Asked<Path, Params, Query, Header, Given, Found>, deps: Deps) => ReplyOf<Answers> | Promise<ReplyOf<Answers>>,
  ): Route<Deps> {
    const { find = () => undefined, ...info } = described;
    // What mounts it gives it just what its description says.
    return { ...info, tag, find, handle } as unknown as Route<Deps>;
  };
}

/** Routes with what they work with. */
export function bound<Deps>(routes: readonly Route<Deps>[], deps: Deps): BoundRoute[] {
  return routes.map((route) => ({ ...route, find: (params) => route.find(params, deps), handle: (input) => route.handle(input, deps) }));
}

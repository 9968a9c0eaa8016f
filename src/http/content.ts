import type { Response } from 'express';
import type { z } from 'zod';

/** Media type of what has no other. */
const JSON_TYPE = 'application/json';

/** What is said about a body or an answer beside its form. */
export interface About<Header extends string = string> {
  /** Left out, what the route does. */
  readonly description?: string;
  /** Headers that an answer has, each with what it says. */
  readonly headers?: Readonly<Record<Header, string>>;
}

/** JSON that a schema describes. */
export interface JsonContent<Schema extends z.ZodType = z.ZodType, Header extends string = string> {
  readonly kind: 'json';
  readonly type: string;
  readonly schema: Schema;
  readonly about: About<Header>;
}

/** Text of a media type of its own, sent at once. */
export interface TextContent<Header extends string = string> {
  readonly kind: 'text';
  readonly type: string;
  readonly about: About<Header>;
}

/** An answer that is written bit by bit, such as events or a file. */
export interface WrittenContent<Header extends string = string> {
  readonly kind: 'written';
  readonly type: string;
  /** Of server-sent events, the data of each by its name. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
  readonly about: About<Header>;
}

/** No body at all. */
export interface NoContent<Header extends string = string> {
  readonly kind: 'nothing';
  readonly about: About<Header>;
}

/** What a request can bring. */
export type Body = JsonContent | TextContent;
/** What a request can be answered with. */
export type Answer = JsonContent | TextContent | WrittenContent | NoContent;

export function json<Schema extends z.ZodType, Header extends string = never>(schema: Schema, about: About<Header> = {}): JsonContent<Schema, NoInfer<Header>> {
  return { kind: 'json', type: JSON_TYPE, schema, about };
}

/** @param type media type, with its parameters */
export function text<Header extends string = never>(type: string, about: About<Header> = {}): TextContent<NoInfer<Header>> {
  return { kind: 'text', type, about };
}

/** Server-sent events (WHATWG HTML §9.2), whose data is JSON. @param each the data of each event, by its name */
export function events(each: Readonly<Record<string, z.ZodType>>, about: About<never> = {}): WrittenContent<never> {
  return { kind: 'written', type: 'text/event-stream', events: each, about };
}

export function nothing<Header extends string = never>(about: About<Header> = {}): NoContent<NoInfer<Header>> {
  return { kind: 'nothing', about };
}

/** What can be made JSON of, which nothing changes on the way. */
export type Sendable<T> = T extends object ? { readonly [Key in keyof T]: Sendable<T[Key]> } : T;

type Payload<A> = A extends JsonContent<infer Schema, never>
  ? { readonly body: Sendable<z.output<Schema>> }
  : A extends TextContent<never>
    ? { readonly body: string }
    : A extends WrittenContent<never>
      ? { /** Gets the response with its status and headers set. */ readonly write: (response: Response) => void | Promise<void> }
      : unknown;

type HeaderOf<A> = A extends { readonly about: { readonly headers?: infer Headers } } ? keyof NonNullable<Headers> & string : never;

type HeadersOf<A> = [HeaderOf<A>] extends [never]
  ? unknown
  : { /** One that is a list is sent once for each of its values. */ readonly headers: Readonly<Record<HeaderOf<A>, string | readonly string[]>> };

/** What a route can give, out of its answers by status. */
export type ReplyOf<Answers> = { [Status in keyof Answers]: { readonly status: Status } & Payload<Answers[Status]> & HeadersOf<Answers[Status]> }[keyof Answers];

/** Any reply. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly write?: (response: Response) => void | Promise<void>;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

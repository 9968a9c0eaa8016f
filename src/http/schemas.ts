import { z } from 'zod';
import type { SettingMeta } from '../config/walk.ts';

/** A piece of JSON. */
export type Json = Record<string, unknown>;

/** Which side of a schema is meant: what is sent to the server, or what it sends. */
type Side = 'input' | 'output';

/** Schemas that have a name of their own in the OpenAPI document: `Schema.register(named, { id, io })`. */
export const named = z.registry<{ readonly id: string; readonly io: Side }>();

/** JSON Schemas, which refer to each other by name. */
export class Schemas {
  readonly #components = new Map<string, Json>();

  /** The schemas with names that were needed so far. */
  get components(): Json {
    return Object.fromEntries([...this.#components].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A schema, or a reference to it where it has a name. */
  of(schema: z.core.$ZodType, io: Side): Json {
    return this.#reference(schema, io) ?? this.#whole(schema, io);
  }

  #reference(schema: z.core.$ZodType, io: Side): Json | undefined {
    const known = named.get(schema);
    if (known?.io !== io) return undefined;
    if (!this.#components.has(known.id)) this.#components.set(known.id, this.#whole(schema, io));
    return { $ref: `#/components/schemas/${known.id}` };
  }

  #whole(schema: z.core.$ZodType, io: Side): Json {
    const { $schema: _$schema, ...whole } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        const reference = zodSchema === schema ? undefined : this.#reference(zodSchema, io);
        if (reference !== undefined) {
          for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
          Object.assign(jsonSchema, reference);
        }
        // What is never shown can only be written.
        if ((jsonSchema as SettingMeta).secret === true) jsonSchema.writeOnly = true;
      },
    });
    return whole;
  }
}

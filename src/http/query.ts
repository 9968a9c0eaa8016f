import { z } from 'zod';
import { unwrap } from '../config/walk.ts';
import type { RouteInfo } from './route.ts';

/** A whole number in a query. */
export function whole(minimum: number, maximum: number) {
  const message = `Must be a whole number from ${minimum} to ${maximum}.`;
  const inRange = (text: string): boolean => /^\d{1,15}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum;
  // Said as what it means, not as the text that it comes in.
  return z.string().refine(inRange, message).transform(Number).meta({ type: 'integer', minimum, maximum });
}

/** The last moment that a Date can hold. */
const LAST_MS = 8.64e15;

/** A time in a query. @returns milliseconds since the epoch */
export const Time = z
  .string()
  .transform((text, context) => {
    const time = /^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text);
    if (time >= 0 && time <= LAST_MS) return time;
    context.addIssue({ code: 'custom', message: 'Must be a time in ISO 8601, or milliseconds since the epoch.' });
    return z.NEVER;
  })
  .meta({ description: 'A time in ISO 8601, or milliseconds since the epoch.' });

/** The parameters of a route's query, by name. */
export function queryFields({ query }: Pick<RouteInfo, 'query'>): readonly (readonly [name: string, schema: z.ZodType])[] {
  const object = query === undefined ? undefined : unwrap(query);
  return object instanceof z.ZodObject ? Object.entries(object.shape as Record<string, z.ZodType>) : [];
}

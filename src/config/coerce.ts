import { z } from 'zod';
import { unwrap, type Setting } from './walk.ts';

/**
 * Converts text from the environment to the type that a schema wants. Text that can't be converted stays text, so that the schema refuses
 * it with its own message.
 */
export function coerce(schema: z.core.$ZodType, text: string): unknown {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) {
    for (const option of inner.options) {
      const value = coerce(option, text);
      if ((option as z.ZodType).safeParse(value).success) return value;
    }
    return text;
  }
  if (inner instanceof z.ZodNumber) return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
  if (inner instanceof z.ZodBoolean) return { true: true, false: false }[text.trim().toLowerCase()] ?? text;
  return text;
}

/** Converts a setting's environment variable to the setting's value; splits lists. */
export function coerceSetting(setting: Setting, text: string): unknown {
  const { schema } = setting;
  if (!(schema instanceof z.ZodArray)) return coerce(schema, text);
  return text
    .split(setting.meta.separator ?? ',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => coerce(schema.element, entry));
}

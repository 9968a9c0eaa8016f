import { z } from 'zod';
import { unwrap, type Setting } from './walk.ts';

/**
 * Text from the environment as the value that a schema wants. What can't be read stays text, so that the schema refuses it with its
 * own sentence.
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

/** Text of a setting's environment variable as the setting's value; lists are split. */
export function coerceSetting(setting: Setting, text: string): unknown {
  const { schema } = setting;
  if (!(schema instanceof z.ZodArray)) return coerce(schema, text);
  return text
    .split(setting.meta.separator ?? ',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => coerce(schema.element, entry));
}

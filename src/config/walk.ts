import { z } from 'zod';

/** Metadata of a setting, besides its type; given with `.meta()`. */
export interface SettingMeta {
  readonly description?: string;
  /** Name of its environment variable, if it does not follow from its path. */
  readonly env?: string;
  /** A path in the file system: relative ones are resolved. */
  readonly isPath?: boolean;
  /** Default in words, if it depends on the machine or on other settings. */
  readonly defaultText?: string;
  /** Separator of a list in its environment variable; `,` by default. */
  readonly separator?: string;
  /** Never shown. */
  readonly secret?: boolean;
}

/** A setting with a value of its own: a scalar or a list. */
export interface Setting {
  /** Keys from the root. */
  readonly path: readonly string[];
  /** Without the wrappers of optionality and defaults. */
  readonly schema: z.ZodType;
  readonly meta: SettingMeta;
  /** Its value if it is left out. */
  readonly fallback: unknown;
  /** Name of its environment variable; lists of objects have none. */
  readonly env: string | undefined;
}

/** The schema inside optionality, defaults and transformations. */
export function unwrap(schema: z.core.$ZodType): z.ZodType {
  let inner = schema as z.ZodType;
  for (;;) {
    if (
      inner instanceof z.ZodOptional ||
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodPrefault ||
      inner instanceof z.ZodNullable ||
      inner instanceof z.ZodReadonly
    ) {
      inner = inner.unwrap() as z.ZodType;
    } else if (inner instanceof z.ZodPipe) {
      inner = inner.in as z.ZodType;
    } else {
      return inner;
    }
  }
}

/** The schema at a path; undefined if there is none. In a union, the first member that has the path. */
export function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  const inner = unwrap(schema);
  const [key, ...rest] = path;
  if (key === undefined) return inner;
  if (inner instanceof z.ZodUnion) {
    for (const option of inner.options) {
      const found = schemaAt(option, path);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const child = childOf(inner, key);
  return child === undefined ? undefined : schemaAt(child, rest);
}

function childOf(schema: z.ZodType, key: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<PropertyKey, z.core.$ZodType>;
    return Object.hasOwn(shape, key) ? shape[key] : undefined;
  }
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return undefined;
}

/** Every setting of a configuration, in the order of its schema; without the contents of maps and of lists of objects. */
export function settings(schema: z.core.$ZodType, path: readonly string[] = []): Setting[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    const shape = inner.shape as Record<string, z.core.$ZodType>;
    return Object.entries(shape).flatMap(([key, child]) => settings(child, [...path, key]));
  }
  const meta = metaOf(schema);
  return [{ path, schema: inner, meta, fallback: fallbackOf(schema), env: hasText(inner) ? (meta.env ?? envName(path)) : undefined }];
}

/** The metadata of a schema, on whichever wrapper it is. */
export function metaOf(schema: z.core.$ZodType): SettingMeta {
  let merged: SettingMeta = {};
  let current: z.core.$ZodType | undefined = schema;
  while (current !== undefined) {
    merged = { ...(z.globalRegistry.get(current) as SettingMeta | undefined), ...merged };
    current = (current as { def?: { innerType?: z.core.$ZodType } }).def?.innerType;
  }
  return merged;
}

/** The default that a schema gives, outermost first. */
export function fallbackOf(schema: z.core.$ZodType): unknown {
  const result = (schema as z.ZodType).safeParse(undefined);
  return result.success ? result.data : undefined;
}

/** `http.allowedOrigins` → `FRAMELOCK_HTTP_ALLOWED_ORIGINS`. */
function envName(path: readonly string[]): string {
  return ['FRAMELOCK', ...path.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase())].join('_');
}

/** Whether a value can be written as the text of an environment variable. */
function hasText(schema: z.ZodType): boolean {
  if (schema instanceof z.ZodArray) return isScalar(unwrap(schema.element));
  return isScalar(schema);
}

function isScalar(schema: z.ZodType): boolean {
  if (schema instanceof z.ZodUnion) return schema.options.every((option) => isScalar(unwrap(option)));
  return (
    schema instanceof z.ZodString ||
    schema instanceof z.ZodNumber ||
    schema instanceof z.ZodBoolean ||
    schema instanceof z.ZodEnum ||
    schema instanceof z.ZodLiteral
  );
}

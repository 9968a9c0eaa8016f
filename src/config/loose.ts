import { z } from 'zod';

type Loose<Shape extends z.core.$ZodShape> = {
  [K in keyof Shape]: z.ZodOptional<Shape[K] extends z.ZodDefault<infer Inner> ? Inner : Shape[K]>;
};

/**
 * The same object with every field optional and without defaults, to be applied over defaults from elsewhere. (zod's own `partial()` keeps
 * filling in defaults.)
 */
export function loose<Shape extends z.core.$ZodShape>(schema: z.ZodObject<Shape>): z.ZodObject<Loose<Shape>, z.core.$strict> {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, field] of Object.entries(schema.shape)) {
    const inner = field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : (field as unknown as z.ZodType);
    shape[key] = inner.optional();
  }
  return z.strictObject(shape) as unknown as z.ZodObject<Loose<Shape>, z.core.$strict>;
}

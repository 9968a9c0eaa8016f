import { randomInt } from 'node:crypto';
import { z } from 'zod';

const SEEDS = 2 ** 32;

/** What a generated scene is made from. */
export const SceneOptions = z.strictObject({
  /** Two scenes of one seed are the same, frame by frame. */
  seed: z
    .number()
    .int()
    .min(0)
    .max(SEEDS - 1),
  /** Draw each frame's number and time of birth into its top left corner. */
  timecode: z.boolean().default(false),
  /** Pixels; may be odd. */
  width: z.number().int().min(160).max(3840).default(1280),
  height: z.number().int().min(90).max(3840).default(720),
  /** Frames a second. */
  fps: z.number().min(1).max(120).default(30),
  /** `cycle` goes from day to night and back in four minutes of the scene's time. */
  light: z.enum(['day', 'night', 'cycle']).default('cycle'),
  /** How much traffic there is: 0 is an empty street. */
  density: z.number().min(0).max(1).default(0.5),
});
export type SceneOptions = z.infer<typeof SceneOptions>;

type OptionName = keyof SceneOptions;

/** What is allowed, for people. */
const ALLOWED: Record<OptionName, string> = {
  seed: 'a whole number from 0 to 4294967295',
  timecode: '0 or 1',
  width: 'a whole number from 160 to 3840',
  height: 'a whole number from 90 to 3840',
  fps: 'a number from 1 to 120',
  light: 'day, night or cycle',
  density: 'a number from 0 to 1',
};

/**
 * Reads the address of a generated scene. Without `seed` a random one is chosen.
 *
 * @param url `demo://street?seed=7&timecode=1&width=1280&height=720&fps=30&light=day&density=0.5`
 * @throws Error with a sentence that names the option which is wrong
 */
export function parseDemoUrl(url: string): SceneOptions {
  const address = URL.parse(url);
  if (address?.protocol !== 'demo:' || address.host !== 'street' || !['', '/'].includes(address.pathname)) {
    throw new Error(`There is no generated scene at “${url}”: the one there is has the address demo://street.`);
  }
  const given: Record<string, unknown> = { seed: randomInt(SEEDS) };
  const seen = new Set<string>();
  for (const [name, text] of address.searchParams) {
    if (!isOption(name)) throw new Error(`demo://street has no option “${name}”: there are ${Object.keys(ALLOWED).join(', ')}.`);
    if (seen.has(name)) throw new Error(`demo://street: the option “${name}” is given twice.`);
    seen.add(name);
    given[name] = valueOf(name, text);
  }
  const parsed = SceneOptions.safeParse(given);
  if (parsed.success) return parsed.data;
  const name = parsed.error.issues[0]?.path[0] as OptionName;
  throw new Error(`demo://street: the option “${name}” must be ${ALLOWED[name]}, not “${address.searchParams.get(name) ?? ''}”.`);
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(ALLOWED, name);
}

/** The value that a text stands for; a text that can't be read stays a text, for the schema to refuse. */
function valueOf(name: OptionName, text: string): unknown {
  if (name === 'light') return text;
  if (name === 'timecode') return text === '1' || text === 'true' ? true : text === '0' || text === 'false' ? false : text;
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ConfigSchema } from './schema.ts';
import { DetectorSettings, StreamDefinition } from './stream-definition.ts';
import { fallbackOf, metaOf, settings, unwrap } from './walk.ts';

/** Describes the type of a value in a few words. */
function typeName(schema: z.core.$ZodType): string {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) return [...new Set(inner.options.map(typeName))].join(' or ');
  if (inner instanceof z.ZodEnum) return inner.options.map((option) => `\`${option}\``).join(', ');
  if (inner instanceof z.ZodLiteral) return [...inner.values].map((value) => `\`${String(value)}\``).join(', ');
  if (inner instanceof z.ZodArray) return `list of ${typeName(inner.element)}`;
  if (inner instanceof z.ZodTuple) return `list of ${inner.def.items.length} numbers`;
  if (inner instanceof z.ZodRecord) return `map of name to ${typeName(inner.valueType)}`;
  if (inner instanceof z.ZodBoolean) return 'true or false';
  if (inner instanceof z.ZodNumber) return numberName(inner);
  if (inner instanceof z.ZodString) return 'text';
  return 'object';
}

function numberName(schema: z.ZodNumber): string {
  const whole = schema.isInt ? 'whole number' : 'number';
  const { minValue, maxValue } = schema;
  const bounded = (value: number | null): boolean => value !== null && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  return bounded(minValue) && bounded(maxValue) ? `${whole}, ${minValue}…${maxValue}` : whole;
}

function defaultName(schema: z.core.$ZodType): string {
  const { defaultText } = metaOf(schema);
  if (defaultText !== undefined) return defaultText;
  const fallback = fallbackOf(schema);
  return fallback === undefined ? '–' : `\`${JSON.stringify(fallback)}\``;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function settingsTable(): string[] {
  const rows = settings(ConfigSchema).map(({ path, env, schema, meta, fallback }) => {
    const fallbackText = meta.defaultText ?? (fallback === undefined ? '–' : `\`${JSON.stringify(fallback)}\``);
    return row([`\`${path.join('.')}\``, env === undefined ? '–' : `\`${env}\``, typeName(schema), fallbackText, meta.description ?? '']);
  });
  return [row(['Key', 'Environment', 'Type', 'Default', 'Meaning']), row(['---', '---', '---', '---', '---']), ...rows];
}

function fieldsTable(schema: z.ZodObject): string[] {
  const rows = Object.entries(schema.shape).map(([key, field]) => {
    const required = !(field as z.ZodType).safeParse(undefined).success;
    return row([`\`${key}\``, typeName(field), required ? 'required' : defaultName(field), metaOf(field).description ?? '']);
  });
  return [row(['Field', 'Type', 'Default', 'Meaning']), row(['---', '---', '---', '---']), ...rows];
}

/** The reference of all settings, as Markdown. */
export function configurationReference(): string {
  return [
    '# Configuration',
    '',
    '<!-- Generated: node src/config/reference.ts > docs/configuration.md -->',
    '',
    'Framelock needs no configuration: without one it serves the demo stream on `http://127.0.0.1:8080`.',
    '',
    '## Where settings come from',
    '',
    '1. Defaults.',
    '2. A YAML file (JSON is YAML too): `npm start -- --config PATH`, or the environment variable `FRAMELOCK_CONFIG`. No file is looked for on its own;',
    '   `framelock.yaml` in the repository is a sample to copy. Relative paths in the file start from the file’s folder, all others from the working directory.',
    '3. The environment variables below. They win over the file. An empty variable counts as not set. Lists are separated by commas, `FRAMELOCK_MEDIA_ROOTS` like `PATH`.',
    '',
    'In the file, `${NAME}` stands for an environment variable, so that secrets need not be written down; one that is not set stops the start. `$${` stands for `${` itself.',
    '',
    'An unknown key or a wrong value stops the start with the file, the line, the setting and what is allowed. A `FRAMELOCK_…` variable that looks like a mistyped',
    'setting is named in the log.',
    '',
    '## Settings',
    '',
    ...settingsTable(),
    '',
    '## `streams[]`',
    '',
    'The same fields are accepted by `POST /api/streams`. What is done to a configured stream through the API is remembered in the data folder until its',
    'entry in the file changes; then the file wins.',
    '',
    ...fieldsTable(StreamDefinition),
    '',
    '## `detectors.NAME`',
    '',
    'A model can be used as a detector under its own name without an entry here. The same fields, with `name`, are accepted by `POST /api/detectors` and in place in a',
    'stream’s `detectors`.',
    '',
    ...fieldsTable(DetectorSettings),
    '',
  ].join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(configurationReference());
}

import { z } from 'zod';
import type { FieldError } from '../util/refusal.ts';
import { didYouMean } from './suggest.ts';
import { schemaAt } from './walk.ts';

/** A {@link FieldError} with its path as keys. */
export interface Finding extends FieldError {
  readonly keys: readonly PropertyKey[];
}

/** `['streams', 0, 'source']` → `streams[0].source`. */
export function formatPath(keys: readonly PropertyKey[]): string {
  return keys
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const text = String(key);
      if (!/^[\w$-]+$/.test(text)) return `[${JSON.stringify(text)}]`;
      return index === 0 ? text : `.${text}`;
    })
    .join('');
}

/**
 * Describes what is wrong with an input and what is allowed. Never repeats values: they may be secrets.
 *
 * @param schema the schema that refused the input
 */
export function explain(error: z.ZodError, schema: z.core.$ZodType): Finding[] {
  return error.issues.flatMap((issue) => findings(issue, [], schema));
}

function findings(issue: z.core.$ZodIssue, base: readonly PropertyKey[], schema: z.core.$ZodType): Finding[] {
  const keys = [...base, ...issue.path];
  const at = (message: string): Finding[] => [{ keys, path: formatPath(keys), message }];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(schema, keys);
      return issue.keys.map((key) => ({
        keys: [...keys, key],
        path: formatPath([...keys, key]),
        message: `There is no such field.${didYouMean(key, known)} Allowed here: ${known.join(', ')}.`,
      }));
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      return at(allowed.length === 1 ? `Must be ${allowed[0]}.` : `Must be one of ${allowed.join(', ')}.`);
    }
    case 'invalid_type':
      return at(issue.message.endsWith('received undefined') ? 'Is required.' : `Must be ${named(issue.expected)}.`);
    case 'too_small':
      return at(bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum));
    case 'too_big':
      return at(bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum));
    case 'invalid_format':
      return at(issue.pattern !== undefined && issue.message.startsWith('Invalid') ? `Must match ${issue.pattern}.` : issue.message);
    case 'invalid_key':
      return at(issue.issues[0]?.message ?? 'Is no allowed name.');
    case 'invalid_union':
      return unionFindings(issue, keys, schema);
    default:
      return at(issue.message);
  }
}

/** The findings of the union branch that the input is closest to: the one with the deepest error. */
function unionFindings(issue: z.core.$ZodIssueInvalidUnion, keys: readonly PropertyKey[], schema: z.core.$ZodType): Finding[] {
  const branches = issue.errors.map((issues) => issues.flatMap((inner) => findings(inner, keys, schema)));
  const depth = (branch: Finding[]): number => Math.max(0, ...branch.map((finding) => finding.keys.length));
  const nearest = branches.toSorted((a, b) => depth(b) - depth(a))[0];
  if (nearest !== undefined && depth(nearest) > keys.length) return nearest;
  const choices = branches.map((branch) => branch[0]?.message.replace(/^Must be /, '').replace(/\.$/, '')).filter(Boolean);
  const message = choices.length > 0 ? `Must be ${[...new Set(choices)].join(', or ')}.` : issue.message;
  return [{ keys, path: formatPath(keys), message }];
}

function knownKeys(schema: z.core.$ZodType, keys: readonly PropertyKey[]): string[] {
  const found = schemaAt(schema, keys);
  if (found instanceof z.ZodObject) return Object.keys(found.shape);
  if (found instanceof z.ZodUnion) {
    return found.options.flatMap((option) => (option instanceof z.ZodObject ? Object.keys(option.shape) : []));
  }
  return [];
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

function named(expected: string): string {
  return NAMES[expected] ?? expected;
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  switch (origin) {
    case 'string':
      return `Must have ${relation} ${limit} characters.`;
    case 'array':
      return `Must have ${relation} ${limit} entries.`;
    default:
      return `Must be ${relation} ${limit}.`;
  }
}

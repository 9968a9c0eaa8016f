import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HTTP_ROUTES } from './http/api.ts';
import { queryFields } from './http/query.ts';
import type { RouteInfo } from './http/route.ts';
import { whepRoutes } from './signaling/whep-routes.ts';
import { whipRoutes } from './signaling/whip-routes.ts';

/** Every route of the server but for its pages. */
export const API_ROUTES: readonly RouteInfo[] = [...HTTP_ROUTES, ...whepRoutes, ...whipRoutes];

/** Documents with tables of routes, below the repository's folder. */
export const DOCUMENTS = ['docs/api.md', 'docs/signaling.md'];

/** From the comment that asks for the routes of a subject to the blank line behind its table. */
const TABLE = /(<!-- Routes of (.+), generated: node src\/api-reference\.ts -->\n)(?:\|.*\n)*/g;

/** A document with its tables of routes as they have to be. @throws Error where it asks for a subject that there is none of */
export function withTables(document: string): string {
  return document.replaceAll(TABLE, (_whole, comment: string, tag: string) => comment + tableOf(tag));
}

function tableOf(tag: string): string {
  const routes = API_ROUTES.filter((route) => route.tag === tag);
  if (routes.length === 0) throw new Error(`There are no routes of “${tag}”.`);
  const rows = routes.map((route) => [`\`${callOf(route)}\``, route.action, route.summary, answersOf(route)]);
  return [['call', 'action', 'what it does', 'answers'], ['---', '---', '---', '---'], ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function callOf(route: RouteInfo): string {
  const query = queryFields(route).map(([name]) => `${name}=`);
  return `${route.method.toUpperCase()} ${route.path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/** Statuses, those of refusals with their codes: `201; 409 stream-exists`. */
function answersOf({ answers, problems = [] }: RouteInfo): string {
  const refusals = [...Map.groupBy(problems, ({ status }) => status)].toSorted(([a], [b]) => a - b);
  const each = refusals.map(([status, those]) => [status, those.flatMap(({ code }) => code ?? []).map((code) => `\`${code}\``).join(', ')].join(' ').trim());
  return [Object.keys(answers).join(', '), ...each].join('; ');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const name of DOCUMENTS) {
    const file = join(import.meta.dirname, '..', name);
    writeFileSync(file, withTables(readFileSync(file, 'utf8')));
  }
}

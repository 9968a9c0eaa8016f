import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { filesBelow } from './files.mjs';

/**
 * An import of one source file by another, by their paths from the root, with `/`.
 * @typedef {{ from: string, to: string, line: number, typeOnly: boolean }} Import
 */

/**
 * What the files of a room may import: all of `values`, and types of `types`. Each is a folder or a file.
 * @typedef {{ values?: readonly string[], types?: readonly string[] }} Room
 */

/**
 * Reads the imports of all TypeScript files below some folders: of values and of types, re-exports and dynamic imports too.
 * Imports of packages are left out.
 * @param {string} root
 * @param {readonly string[]} folders from the root
 * @returns {Import[]}
 */
export function readImports(root, folders) {
  const files = folders.flatMap((folder) => filesBelow(join(root, folder))).filter((file) => file.endsWith('.ts') && !file.includes(`${sep}node_modules${sep}`));
  return files.flatMap((file) => {
    const from = relative(root, file).replaceAll(sep, '/');
    return specifiers(file).map(({ name, line, typeOnly }) => ({ from, to: relative(root, join(dirname(file), name)).replaceAll(sep, '/'), line, typeOnly }));
  });
}

/**
 * The circles among files, types included.
 * @param {readonly Import[]} imports
 * @returns {string[][]} of each group of files that reach each other a shortest circle, from its first file in the alphabet
 */
export function circlesOf(imports) {
  /** @type {Map<string, Set<string>>} */
  const graph = new Map();
  for (const { from, to } of imports) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  /** @type {string[][]} */
  const circles = [];
  const seen = new Set();
  for (const file of [...graph.keys()].sort()) {
    if (seen.has(file)) continue;
    const circle = shortestCircle(graph, file);
    if (circle === undefined) continue;
    const reached = reachable(graph, file);
    for (const other of reached) if (reachable(graph, other).has(file)) seen.add(other);
    circles.push(circle);
  }
  return circles;
}

/**
 * The imports that the table of rooms does not allow.
 * @param {readonly Import[]} imports
 * @param {Readonly<Record<string, Room>>} rooms by folder or file; a file belongs to the longest one it is in
 * @returns {string[]} one sentence an import
 */
export function forbiddenImports(imports, rooms) {
  return imports.flatMap(({ from, to, line, typeOnly }) => {
    const [room, target] = [roomOf(from, rooms), roomOf(to, rooms)];
    const place = `${from}:${line}`;
    if (room === undefined) return [`${place}: the file belongs to no room of the table`];
    if (target === undefined) return [`${place}: ${to} belongs to no room of the table`];
    if (room === target) return [];
    const { values = [], types = [] } = rooms[room] ?? {};
    if (values.some((allowed) => isIn(to, allowed))) return [];
    if (!types.some((allowed) => isIn(to, allowed))) return [`${place}: ${room} may not import ${to}`];
    return typeOnly ? [] : [`${place}: ${room} may import types alone of ${to}`];
  });
}

/**
 * The circles among the rooms that the table itself would allow.
 * @param {Readonly<Record<string, Room>>} rooms
 */
export function circlesOfRooms(rooms) {
  const names = Object.keys(rooms);
  return circlesOf(
    names.flatMap((from) => {
      const { values = [], types = [] } = rooms[from] ?? {};
      // Of a folder that holds rooms, all of these are meant.
      const targets = [...values, ...types].flatMap((allowed) => [roomOf(allowed, rooms), ...names.filter((name) => isIn(name, allowed))]);
      return [...new Set(targets)].filter((to) => to !== undefined && to !== from).map((to) => ({ from, to: String(to), line: 0, typeOnly: false }));
    }),
  );
}

/**
 * @param {string} path
 * @param {Readonly<Record<string, Room>>} rooms
 */
function roomOf(path, rooms) {
  return Object.keys(rooms)
    .filter((name) => isIn(path, name))
    .sort((a, b) => b.length - a.length)[0];
}

/** @param {string} path @param {string} place a folder or a file */
function isIn(path, place) {
  return path === place || path.startsWith(`${place}/`);
}

/** @param {string} file */
function specifiers(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  /** @type {{ name: string, line: number, typeOnly: boolean }[]} */
  const found = [];
  const add = (/** @type {ts.Node | undefined} */ node, /** @type {boolean} */ typeOnly) => {
    if (node === undefined || !ts.isStringLiteral(node) || !node.text.startsWith('.')) return;
    found.push({ name: node.text, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, typeOnly });
  };
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, ofTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether all that is imported is types. @param {ts.ImportClause | undefined} clause */
function ofTypes(clause) {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  return clause.name === undefined && names !== undefined && ts.isNamedImports(names) && names.elements.every(({ isTypeOnly }) => isTypeOnly);
}

/**
 * @param {Map<string, Set<string>>} graph
 * @param {string} start
 */
function reachable(graph, start) {
  /** @type {Set<string>} */
  const reached = new Set();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}

/**
 * Breadth first.
 * @param {Map<string, Set<string>>} graph
 * @param {string} start
 * @returns {string[] | undefined} the files on the way, from `start` on; undefined where no way leads back
 */
function shortestCircle(graph, start) {
  /** @type {Map<string, string>} */
  const cameFrom = new Map();
  const open = [start];
  for (const node of open) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const way = [node];
        for (let before = cameFrom.get(node); before !== undefined; before = cameFrom.get(before)) way.unshift(before);
        return way;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      open.push(next);
    }
  }
  return undefined;
}

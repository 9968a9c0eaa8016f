import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create, ts } from '@custom-elements-manifest/analyzer/index.js';
import { litPlugin } from '@custom-elements-manifest/analyzer/src/features/framework-plugins/lit/lit.js';
import type { CustomElement, CustomElementDeclaration, Package } from 'custom-elements-manifest/schema.d.ts';

const SOURCES = join(import.meta.dirname, 'src');
/** Defines the elements for foreign pages, and what it becomes in the build. */
const PUBLISHED = { module: 'elements.ts', file: 'framelock-elements.js' };
/** Defines the application's own. */
const APPLICATION = 'main.ts';

/** An element as its manifest describes it. */
export type ElementDeclaration = CustomElementDeclaration & CustomElement;

/** What the sources say about every element, the application's own included; what is private is left out. */
export async function allElements(): Promise<ElementDeclaration[]> {
  const files = await readdir(join(SOURCES, 'elements'), { recursive: true });
  const { modules } = await analyzed([PUBLISHED.module, APPLICATION, ...files.filter((name) => name.endsWith('.ts')).map((name) => `elements/${name}`)]);
  return modules.flatMap(({ declarations = [] }) => declarations.filter(isElement).map(publicPart));
}

/**
 * The manifest of the elements for foreign pages (github.com/webcomponents/custom-elements-manifest): editors and catalogues read it. It speaks of the built file,
 * which alone a page can load, and not of the sources.
 */
export async function publishedManifest(): Promise<Package> {
  const imported = ts.preProcessFile(await sourceOf(PUBLISHED.module)).importedFiles.map(({ fileName }) => fileName.replace('./', ''));
  const { schemaVersion, modules } = await analyzed([PUBLISHED.module, ...imported]);
  const exports = modules.find(({ path }) => path === PUBLISHED.module)?.exports ?? [];
  return {
    schemaVersion,
    modules: [
      {
        kind: 'javascript-module',
        path: PUBLISHED.file,
        declarations: modules.flatMap(({ declarations = [] }) => declarations.filter(isElement).map(publicPart)),
        exports: exports.map((one) => ({ ...one, declaration: { name: one.declaration.name, module: PUBLISHED.file } })),
      },
    ],
  };
}

/** @param paths below the folder of the sources */
async function analyzed(paths: readonly string[]): Promise<Package> {
  const modules = paths.toSorted().map(async (path) => ts.createSourceFile(path, await sourceOf(path), ts.ScriptTarget.ES2022, true));
  return create({ modules: await Promise.all(modules), plugins: litPlugin() });
}

function sourceOf(path: string): Promise<string> {
  return readFile(join(SOURCES, path), 'utf8');
}

function isElement(declaration: object): declaration is ElementDeclaration {
  return 'customElement' in declaration;
}

/** Leaves out what is private, of which the analyzer takes Lit's states for attributes, and events whose name the source has in a variable. */
function publicPart({ members = [], attributes = [], events = [], ...rest }: ElementDeclaration): ElementDeclaration {
  const hidden = members.filter(({ privacy = 'public', ...member }) => privacy !== 'public' || ('static' in member && member.static === true));
  const names = new Set(hidden.map(({ name }) => name));
  return {
    ...rest,
    members: members.filter((member) => !hidden.includes(member)),
    attributes: attributes.filter(({ fieldName }) => fieldName === undefined || !names.has(fieldName)),
    events: events.filter(({ name }) => name.includes('-')),
  };
}

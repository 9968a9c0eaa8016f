import { readdir, readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../../client/src');
/** What sends an event of the name that it is given. */
const SENDERS = ['CustomEvent', 'Event', '#emit'];

/** What the sources of one element have, sorted. */
export interface Found {
  readonly parts: readonly string[];
  readonly slots: readonly string[];
  /** Names that are written where the event is sent; others come by a variable. */
  readonly events: readonly string[];
  /** Of its own styles. */
  readonly customProperties: readonly string[];
  /** Every text that stands in quotation marks. */
  readonly texts: ReadonlySet<string>;
}

/** The sources of the elements, read without the analyzer that describes them. */
export class ElementSources {
  /** By path below {@link ROOT}. */
  readonly #files: ReadonlyMap<string, ts.SourceFile>;

  private constructor(files: ReadonlyMap<string, ts.SourceFile>) {
    this.#files = files;
  }

  static async read(): Promise<ElementSources> {
    const below = await readdir(join(ROOT, 'elements'), { recursive: true });
    const paths = ['elements.ts', 'main.ts', ...below.filter((name) => name.endsWith('.ts')).map((name) => `elements/${name}`)];
    const files = paths.map(async (path) => [path, ts.createSourceFile(path, await readFile(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest, true)] as const);
    return new ElementSources(new Map(await Promise.all(files)));
  }

  /** The elements that are defined, sorted. */
  get tagNames(): string[] {
    const names = [...this.#files.values()].flatMap((file) =>
      nodesOf(file).flatMap((node) => {
        if (!ts.isCallExpression(node) || node.expression.getText() !== 'customElements.define') return [];
        const [name] = node.arguments;
        return name !== undefined && ts.isStringLiteral(name) ? [name.text] : [];
      }),
    );
    return names.toSorted();
  }

  /** @param name of the element's class */
  of(name: string): Found {
    const found = { parts: new Set<string>(), slots: new Set<string>(), events: new Set<string>(), customProperties: new Set<string>(), texts: new Set<string>() };
    for (const file of this.#belongingTo(name)) {
      for (const node of nodesOf(file)) {
        if (ts.isStringLiteral(node)) found.texts.add(node.text);
        if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'html') {
          const markup = node.template.getText();
          for (const [, part] of markup.matchAll(/\bpart="([\w-]+)"/g)) found.parts.add(part!);
          for (const [, slot = ''] of markup.matchAll(/<slot(?: name="([\w-]+)")?/g)) found.slots.add(slot);
        }
        if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'css') {
          for (const [, property] of node.template.getText().matchAll(/var\((--framelock-[\w-]+)/g)) found.customProperties.add(property!);
        }
        if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && node.arguments !== undefined) {
          const [first, second] = node.arguments;
          const called = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : node.expression.getText();
          if (called === 'setAttribute' && isText(first, 'part') && second !== undefined && ts.isStringLiteral(second)) found.parts.add(second.text);
          if (SENDERS.includes(called) && first !== undefined && ts.isStringLiteral(first)) found.events.add(first.text);
        }
      }
    }
    const { parts, slots, events, customProperties, texts } = found;
    return { parts: [...parts].sort(), slots: [...slots].sort(), events: [...events].sort(), customProperties: [...customProperties].sort(), texts };
  }

  /** The file of an element and those that it imports more than types from, but for those of other elements. */
  #belongingTo(name: string): ReadonlySet<ts.SourceFile> {
    const start = [...this.#files.values()].find((file) => elementOf(file) === name);
    const files = new Set(start === undefined ? [] : [start]);
    // What is added on the way is visited too.
    for (const file of files) {
      for (const { importClause, moduleSpecifier } of file.statements.filter(ts.isImportDeclaration)) {
        if (importClause?.isTypeOnly === true || !ts.isStringLiteral(moduleSpecifier)) continue;
        const imported = this.#files.get(normalize(join(file.fileName, '..', moduleSpecifier.text)));
        if (imported !== undefined && elementOf(imported) === undefined) files.add(imported);
      }
    }
    return files;
  }
}

/** The class of the element that a file has. */
function elementOf({ statements }: ts.SourceFile): string | undefined {
  return statements.filter(ts.isClassDeclaration).find(({ heritageClauses }) => heritageClauses?.some((clause) => clause.getText() === 'extends LitElement'))?.name?.text;
}

function isText(node: ts.Node | undefined, text: string): boolean {
  return node !== undefined && ts.isStringLiteral(node) && node.text === text;
}

function nodesOf(node: ts.Node): ts.Node[] {
  const nodes = [node];
  // What is added on the way is visited too.
  for (const one of nodes) ts.forEachChild(one, (child) => void nodes.push(child));
  return nodes;
}

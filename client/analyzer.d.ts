/** What the analyzer leaves out of its declarations. */
declare module '@custom-elements-manifest/analyzer/index.js' {
  import type { Package } from 'custom-elements-manifest/schema.d.ts';
  import type TypeScript from 'typescript';

  /** The TypeScript that {@link create} reads modules with. */
  export const ts: typeof TypeScript;
  export function create(options: { readonly modules: readonly TypeScript.SourceFile[]; readonly plugins?: readonly object[] }): Package;
}

declare module '@custom-elements-manifest/analyzer/src/features/framework-plugins/lit/lit.js' {
  /** Plugins that know Lit's properties. */
  export function litPlugin(): readonly object[];
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';

const BUILT = join(import.meta.dirname, '../../client/dist/framelock-elements.js');

/**
 * The tag that brings the elements onto a page.
 * @param server its address; empty on its own pages
 * @throws Error where the client is not built: servers have no elements to give then
 */
export function elementsScript(server: string): string {
  if (!existsSync(BUILT)) throw new Error('The web client is not built, so that servers have no elements: run npx vite build client first.');
  return `<script type="module" src="${server}/framelock-elements.js"></script>`;
}

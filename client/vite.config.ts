import { join } from 'node:path';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

/** Two builds in one: the application with hashed assets, and the elements as one module that any page can load by a fixed name. */
export default defineConfig({
  root: here,
  build: {
    outDir: join(here, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      input: { app: join(here, 'index.html'), 'framelock-elements': join(here, 'src/elements.ts') },
      // The elements' entry exists for its exports and its side effects; nothing imports it here.
      preserveEntrySignatures: 'strict',
      output: { entryFileNames: ({ name }) => (name === 'framelock-elements' ? '[name].js' : 'assets/[name]-[hash].js') },
    },
  },
});

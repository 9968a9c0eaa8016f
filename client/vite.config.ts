import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, defineConfig, type Plugin } from 'vite';
import { publishedManifest } from './elements-manifest.ts';

const here = import.meta.dirname;
const target = 'es2022';

/** Builds the elements as one file of a fixed name without imports, which any page can load, and their manifest; after each build of the application. */
function elements(): Plugin {
  let outDir = '';
  return {
    name: 'framelock-elements',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
    },
    async closeBundle() {
      await build({
        root: here,
        configFile: false,
        publicDir: false,
        logLevel: 'warn',
        build: {
          outDir,
          emptyOutDir: false,
          target,
          rolldownOptions: {
            input: join(here, 'src/elements.ts'),
            // A page may import the classes too.
            preserveEntrySignatures: 'strict',
            output: { entryFileNames: 'framelock-elements.js' },
          },
        },
      });
      await writeFile(resolve(here, outDir, 'custom-elements.json'), `${JSON.stringify(await publishedManifest(), undefined, 2)}\n`);
    },
  };
}

export default defineConfig(({ command }) => {
  // What is built is for production, whatever the environment says; Vite picks the packages' development builds by this variable.
  if (command === 'build') process.env['NODE_ENV'] = 'production';
  return {
    root: here,
    plugins: [elements()],
    build: { outDir: join(here, 'dist'), emptyOutDir: true, target },
  };
});

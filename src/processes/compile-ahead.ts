/** `compile-ahead.ts MODULE`: loads a module, with all that it imports, and leaves what was compiled in the folder of `NODE_COMPILE_CACHE`. */
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';

await import(pathToFileURL(process.argv[2]!).href);
flushCompileCache();
process.exit(0);

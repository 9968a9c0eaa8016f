/** `compile-ahead.ts MODULE`: loads a module with all its imports, and writes the compiled code to `NODE_COMPILE_CACHE`. */
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';

await import(pathToFileURL(process.argv[2]!).href);
flushCompileCache();
process.exit(0);

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { Router, type RequestHandler } from 'express';

/** Paths that the client's own router knows. */
const PAGES = ['/', '/watch/:id', '/wall', '/library', '/publish'];

const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Framelock</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 40rem; padding: 0 1rem; }</style></head>
<body>
<h1>Framelock runs</h1>
<p>Its pages are not built yet. <code>npm start</code> builds them; so does <code>npm run build</code>. Then load this page again.</p>
<p>The API answers already: <a href="/api/streams">/api/streams</a>, <a href="/docs">/docs</a>.</p>
</body>
</html>
`;

/**
 * The client: hashed assets are kept by browsers for good, everything else is asked for again each time.
 *
 * @param folder what Vite built
 */
export function pageRoutes(folder: string): Router {
  const router = Router();
  const assets = express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false, redirect: false });
  const files = express.static(folder, { index: false, redirect: false, setHeaders: (response) => response.setHeader('Cache-Control', 'no-cache') });
  const index: RequestHandler = (_request, response) => {
    const file = join(folder, 'index.html');
    response.set('Cache-Control', 'no-cache');
    if (existsSync(file)) response.sendFile(file, { cacheControl: false });
    else response.status(503).type('html').send(NOT_BUILT);
  };
  router.use('/assets', assets);
  for (const page of PAGES) router.get(page, index);
  router.use(files);
  return router;
}

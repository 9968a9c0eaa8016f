import type { OpenApi } from './openapi.ts';

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  code { font-size: 0.9em; }
  summary { cursor: pointer; padding: 0.25rem 0; }
  pre { overflow: auto; border: 1px solid; padding: 0.75rem; }
`;

/** The API documentation page: every operation and every schema. */
export function docsPage({ info, paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) =>
        `<details><summary><code>${method.toUpperCase()} ${escaped(path)}</code> ${escaped(String(operation['summary']))}</summary>${block(operation)}</details>`,
    ),
  );
  const schemas = Object.entries(components['schemas'] as Record<string, unknown>).map(
    ([name, schema]) => `<details id="${escaped(name)}"><summary><code>${escaped(name)}</code></summary>${block(schema)}</details>`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escaped(info.title)} API</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(info.title)} API</h1><p>${escaped(info.description)} Version ${escaped(info.version)}.`,
    'The same, machine-readable: <a href="/openapi.json">/openapi.json</a>.</p>',
    `<h2>Operations</h2>${operations.join('')}<h2>Schemas</h2>${schemas.join('')}</body></html>`,
  ].join('\n');
}

function block(value: unknown): string {
  return `<pre>${escaped(JSON.stringify(value, null, 2))}</pre>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { StreamView } from '../../../src/streams/view.ts';
import { assertDescribed, assertDescribedEvent, routeOf, type GivenAnswer } from '../../support/described.ts';
import type { TestServer } from '../../support/server.ts';

/** What a test looks at of an answer. */
export type Answer = GivenAnswer;

/** One request; a body that is no text is sent as JSON. Its answer has to be one that the route describes. */
export async function call({ url, app }: Pick<TestServer, 'url' | 'app'>, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '');
  const answer = { status: response.status, headers: response.headers, body: json ? (JSON.parse(text) as unknown) : text };
  const route = routeOf(app.routes, method, path);
  if (route !== undefined) assertDescribed(route, answer);
  return answer;
}

/** Asserts that an answer is a problem as RFC 9457 has it, and gives the paths of its errors. */
export function problem(answer: Answer, status: number): { detail: string; paths: string[]; code: string | undefined } {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const body = answer.body as { type: string; title: string; status: number; detail: string; code?: string; errors?: { path: string; message: string }[] };
  assert.equal(body.status, status);
  for (const text of [body.type, body.title, body.detail]) assert(text.length > 0);
  assert.doesNotMatch(JSON.stringify(body), /\.ts:\d|node_modules|at async/, 'no stack trace');
  return { detail: body.detail, code: body.code, paths: (body.errors ?? []).map(({ path }) => path) };
}

/** Waits until a stream looks as meant. */
export async function streamIs(server: TestServer, id: string, meant: (stream: StreamView) => boolean): Promise<StreamView> {
  for (;;) {
    const view = server.control.registry.get(id);
    if (meant(view)) return view;
    await once(server.control.registry, 'changed');
  }
}

/** Sends bytes as they are, and gives everything that comes back until the server closes or resets the connection. */
export async function raw({ http }: TestServer, text: string): Promise<string> {
  const socket = connect(http.port, '127.0.0.1');
  socket.end(text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

/** One server-sent event. */
export interface SentEvent {
  readonly event: string;
  readonly data: unknown;
}

/** The events of a connection, until the loop over them is left. Each has to be one that the route describes. */
export async function* events(server: TestServer, path: string, headers: Record<string, string> = {}): AsyncGenerator<SentEvent> {
  const controller = new AbortController();
  const response = await fetch(server.url + path, { headers, signal: controller.signal });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert(response.body !== null);
  const route = routeOf(server.app.routes, 'GET', path);
  assert(route !== undefined);
  let rest = '';
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const lines = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
        if (lines['data'] === undefined) continue;
        const sent = { event: lines['event'] ?? 'message', data: JSON.parse(lines['data']) as unknown };
        assertDescribedEvent(route, sent.event, sent.data);
        yield sent;
      }
    }
  } finally {
    controller.abort();
  }
}

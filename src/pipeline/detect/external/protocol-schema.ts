import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { Failed, FrameHeader, Hello, HttpResult, Result, ServerMessage, SUBPROTOCOL } from './wire.ts';

const [Welcome, WireError] = ServerMessage.options;

/** What is sent, by its name in docs/detector-protocol.md: what is checked here as it may come in, what is sent as it goes out. */
const MESSAGES = {
  hello: [Hello, 'input'],
  result: [Result, 'input'],
  failed: [Failed, 'input'],
  welcome: [Welcome, 'output'],
  error: [WireError, 'output'],
  frame: [FrameHeader, 'output'],
  httpResult: [HttpResult, 'input'],
} as const;

/** The messages of the protocol as JSON Schema (2020-12), made from what they are checked with. */
export function protocolSchema(): object {
  const entries = Object.entries(MESSAGES).map(([name, [schema, io]]) => {
    const { $schema: _$schema, ...json } = z.toJSONSchema(schema, { io });
    return [name, json];
  });
  const workerMessages = ['hello', 'result', 'failed'].map((name) => ({ $ref: `#/$defs/${name}` }));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: SUBPROTOCOL,
    description: 'What a worker sends as text. The other messages are in $defs.',
    oneOf: workerMessages,
    $defs: Object.fromEntries(entries) as object,
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(`${JSON.stringify(protocolSchema(), null, 2)}\n`);
}

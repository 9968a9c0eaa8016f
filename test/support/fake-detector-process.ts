/** A fake detector process: says that it is ready, reports each 50 ms, runs no model. */
import { createServer } from 'node:net';

const { socket, mode } = JSON.parse(process.argv[2] ?? '{}') as { socket: string; mode?: string };

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('message', (message) => {
  if ((message as { type?: string }).type === 'stop') process.exit(0);
});
createServer()
  .listen(socket, () => {
    if (mode !== 'silent') process.send?.({ type: 'ready', providers: ['cpu'] });
    setInterval(() => process.send?.({ type: 'stats', models: [] }, undefined, undefined, () => undefined), 50);
  });

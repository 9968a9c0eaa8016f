/**
 * Entry of a stream process: one source, from its address to RTP packets. Talks to the control process over the fork's channel in
 * the two unions of `ipc/`, and ends when that channel or its parent does.
 */
import { pino } from 'pino';
import { Log } from 'node-av/lib';
import { AV_LOG_FATAL } from 'node-av/constants';
import { StreamCommand } from './ipc/commands.ts';
import type { StreamEvent } from './ipc/events.ts';
import { watchParent } from './parent-watch.ts';
import { StreamPipeline } from './stream-pipeline.ts';

watchParent();
// libav writes to stderr of its own accord, a line for each damaged packet; what matters comes back as errors and counters.
Log.setLevel(AV_LOG_FATAL);

const logger = pino({ level: process.env['FRAMELOCK_LOG_LEVEL'] ?? 'info', base: null });
let pipeline: StreamPipeline | undefined;
/** Commands are carried out one after the other: those that follow a start at once need what it makes. */
let done: Promise<void> = Promise.resolve();

// A terminal's interrupt reaches the whole process group; the control process decides when a stream ends.
process.on('SIGINT', () => undefined);
process.on('message', (raw) => {
  const command = StreamCommand.safeParse(raw);
  if (!command.success) {
    logger.error({ issues: command.error.issues }, 'a command that is not understood was ignored');
    return;
  }
  done = done.then(() => handle(command.data)).catch((error: unknown) => {
    logger.fatal({ err: error }, `the command ${command.data.type} failed`);
    process.exit(1);
  });
});
send({ type: 'ready' });

async function handle(command: StreamCommand): Promise<void> {
  switch (command.type) {
    case 'start':
      pipeline = new StreamPipeline(command.plan, { logger, send });
      return pipeline.start();
    case 'stop':
      await pipeline?.close();
      return process.exit(0);
    case 'update':
      return pipeline?.update(command.changes);
    case 'output-open':
      return pipeline?.outputs.open(command.id, command.output, command.firstSequence);
    case 'output-close':
      return pipeline?.outputs.close(command.id);
    case 'annotations':
      return pipeline?.tellAnnotations(command.wanted);
    case 'publisher':
      return pipeline?.inbox.set(command.publisher);
    case 'retry':
      return pipeline?.retry();
    case 'reset-counts':
      return pipeline?.resetCounts();
    case 'truth':
      return send({ type: 'truth', request: command.request, message: pipeline?.truth(command.seq) ?? null });
  }
}

/** A parent that is gone is noticed by the watch; until then nothing may be thrown here. */
function send(event: StreamEvent): void {
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined);
}

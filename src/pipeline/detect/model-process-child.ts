/** Entry of a process that owns one model. Its first message is a `ModelOrder`, what follows are requests. */
import { once } from 'node:events';
import { watchParent } from '../parent-watch.ts';
import type { ModelOrder, ToModel } from './loaded-model.ts';
import { ModelRunner } from './model-runner.ts';
import { testFrame } from './providers/test-frame.ts';
import { serveModel } from './serve-model.ts';

watchParent();
// Ctrl-C reaches the whole group of processes; the parent decides what it means.
process.on('SIGINT', () => undefined);
const [{ model, options }] = (await once(process, 'message')) as [ModelOrder];

await serveModel(
  async () => {
    const runner = await ModelRunner.load(model, options);
    // The first run compiles what the GPU executes; no frame of a stream is to wait for that.
    await runner.run([testFrame(model.manifest.input)]);
    return runner;
  },
  {
    say: (message) => void process.send!(message, undefined, undefined, () => undefined),
    listen: (take) => void process.on('message', (message) => take(message as ToModel)),
  },
);

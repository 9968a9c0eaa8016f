import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { createLogger } from '../../../src/config/logger.ts';

async function written(pretty: boolean, write: (logger: ReturnType<typeof createLogger>) => void): Promise<string> {
  const out = new PassThrough();
  write(createLogger({ level: 'info', pretty }, out));
  if (out.readableLength === 0) await once(out, 'readable');
  return String(out.read());
}

describe('the log', () => {
  it('is one JSON object a line', async () => {
    const text = await written(false, (logger) => logger.child({ stream: 'gate' }).info({ fps: 30 }, 'live'));
    const { level, stream, fps, msg } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual({ level, stream, fps, msg }, { level: 30, stream: 'gate', fps: 30, msg: 'live' });
  });

  it('is a line for people where that is wanted, with the stack of an error below', async () => {
    const text = await written(true, (logger) => logger.error({ err: new Error('broken'), stream: 'gate' }, 'it broke'));
    // eslint-disable-next-line no-control-regex
    const plain = text.replace(/\x1b\[\d+m/g, '');
    assert.match(plain, /^\d\d:\d\d:\d\d\.\d{3} error it broke stream=gate\n {4}Error: broken\n {4} {4}at /);
  });

  it('leaves out what is less severe than wanted', async () => {
    const text = await written(true, (logger) => {
      logger.debug('quiet');
      logger.warn('loud');
    });
    assert.doesNotMatch(text, /quiet/);
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { devicePlaces, DevicesView } from '../../../src/streams/devices.ts';
import { startServer, temporaryFolder } from '../../support/server.ts';
import { call, problem } from './client.ts';

describe('the cameras and screens of the server’s machine', () => {
  it('are listed as they are now: a screen with its X server, a camera that is plugged in', async () => {
    const folder = await temporaryFolder();
    const places = { ...devicePlaces({}), sysfs: join(folder.path, 'sys'), dev: join(folder.path, 'dev') };
    const server = await startServer({ devices: places });
    const devices = async (): Promise<DevicesView> => DevicesView.parse((await call(server, 'GET', '/api/devices')).body);
    try {
      assert.deepEqual((await devices()).cameras, []);
      for (const part of ['sys/video0', 'dev']) await mkdir(join(folder.path, part), { recursive: true });
      for (const file of ['sys/video0/name', 'dev/video0']) await writeFile(join(folder.path, file), 'Camera\n');
      assert.deepEqual((await devices()).cameras, [{ name: 'Camera', source: 'v4l2:///dev/video0', device: '/dev/video0' }]);

      // A number that no other server takes when this one is gone.
      const name = `:${1000 + Math.floor(Math.random() * 30_000)}`;
      const child = spawn('Xvfb', [name, '-displayfd', '1', '-screen', '0', '320x240x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = once(child, 'close');
      await once(child.stdout, 'data');
      try {
        assert.deepEqual((await devices()).screens.find((screen) => screen.name === name), { name, source: `x11://${name}` });
      } finally {
        child.kill();
        await ended;
      }
      assert.equal((await devices()).screens.some((screen) => screen.name === name), false);
    } finally {
      await server.close();
      await folder.remove();
    }
  });

  it('are not listed where sources must not be such', async () => {
    const server = await startServer({ env: { FRAMELOCK_SOURCES_ALLOW: 'demo,file' } });
    try {
      assert.deepEqual((await call(server, 'GET', '/api/devices')).body, { cameras: [], screens: [] });
    } finally {
      await server.close();
    }
  });

  it('a camera’s device file alone is refused as a source, with what to write instead', async () => {
    const server = await startServer();
    try {
      const { paths, detail } = problem(await call(server, 'POST', '/api/streams', { id: 'cam', source: '/dev/video0' }), 400);
      assert.deepEqual(paths, ['source']);
      assert.match(detail, /v4l2:\/\/\/dev\/video0/);
    } finally {
      await server.close();
    }
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import type { StreamView } from '../../../src/streams/view.ts';
import { flashAndBeep } from '../../support/flash-and-beep.ts';
import { freeUdpPort } from '../../support/free-udp-port.ts';
import { inStep, LipSyncStage } from './lip-sync.ts';

describe('the sound of a source', () => {
  let stage: LipSyncStage;
  before(async () => {
    stage = await LipSyncStage.open();
  });
  after(() => stage[Symbol.asyncDispose]());

  it('that comes live is in step with the picture', async () => {
    const port = await freeUdpPort();
    const arguments_ = [...flashAndBeep(60), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-c:a', 'aac', '-f', 'mpegts'];
    const sender = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', '-re', ...arguments_, `udp://127.0.0.1:${port}?pkt_size=1316`], { stdio: 'ignore' });
    try {
      assert.equal((await stage.add('live', `udp://127.0.0.1:${port}`)).audio?.codec, 'aac');
      inStep(await stage.measure('live', 5));
    } finally {
      sender.kill('SIGKILL');
      await stage.server.call('DELETE', '/api/streams/live');
    }
  });

  for (const [name, encoder] of [
    ['', ['-tune', 'zerolatency']],
    [' with B frames', ['-bf', '2']],
  ] as const) {
    it(`that is pushed by RTMP${name} is in step with the picture`, async () => {
      await stage.server.call('POST', '/api/streams', { id: 'pushed', source: 'publish://', detectors: [] });
      const arguments_ = [...flashAndBeep(60), '-c:v', 'libx264', '-preset', 'ultrafast', ...encoder, '-g', '30', '-c:a', 'aac', '-f', 'flv'];
      const sender = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', '-re', ...arguments_, `rtmp://127.0.0.1:${stage.rtmpPort}/live/pushed`], { stdio: 'ignore' });
      try {
        const { audio } = await stage.server.until<StreamView>('pushed', (stream) => stream.state === 'live' && stream.audio !== undefined);
        assert.equal(audio?.codec, 'aac');
        inStep(await stage.measure('pushed', 5));
      } finally {
        sender.kill('SIGKILL');
        await stage.server.call('DELETE', '/api/streams/pushed');
      }
    });
  }
});

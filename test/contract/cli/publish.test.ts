import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StreamView } from '../../../src/streams/view.ts';
import { LiveServer } from '../../support/live-server.ts';
import { WhepPictures } from '../../support/whep-pictures.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../support/publish.yaml', import.meta.url));
const TOKEN = 'a-token';
/** Luma of the clip, and how far the encoders on the way may be off. */
const [LUMA, NEAR] = [150, 8];

/** `framelock publish …` in a process of its own, as a person starts it. */
class PublishCommand implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  stderr = '';

  constructor(...args: string[]) {
    const { FRAMELOCK_TOKEN: _token, ...env } = process.env;
    this.#child = spawn(process.execPath, [MAIN, 'publish', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#exit = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  /** @returns its exit code */
  exit(): Promise<number | null> {
    return this.#exit;
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  /** Resolves when it has said this. */
  async says(text: RegExp): Promise<void> {
    while (!text.test(this.stderr)) {
      const ended = await Promise.race([once(this.#child.stderr!, 'data').then(() => false), this.#exit.then(() => true)]);
      assert.ok(!ended || text.test(this.stderr), `ended without saying ${String(text)}:\n${this.stderr}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}

describe('framelock publish', () => {
  let server: LiveServer;
  let folder: string;
  let clip: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-publish-'));
    clip = join(folder, 'clip.mp4');
    const grey = `color=black:size=320x240:rate=30:duration=12,format=yuv420p,geq=lum=${LUMA}:cb=128:cr=128`;
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', grey, '-c:v', 'libx264', clip]);
    server = await LiveServer.start({ demo: true, env: { FRAMELOCK_CONFIG: CONFIG } });
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const live = (id: string): Promise<StreamView> => server.until<StreamView>(id, ({ state }) => state === 'live');
  const ids = async (): Promise<string[]> => (await server.call<StreamView[]>('GET', '/api/streams')).map(({ id }) => id);

  it('makes a stream of a file, and ends it with the file', async () => {
    await using command = new PublishCommand(clip, `${server.url}/live/clip/whip`);
    await command.says(/^live /m);
    const { video } = await live('clip');
    assert.deepEqual([video?.width, video?.height], [320, 240]);
    assert.equal(await command.exit(), 0, command.stderr);
    assert.match(command.stderr, /^live · h264 320×240 → /m);
    assert.ok(!(await ids()).includes('clip'), 'the stream went at once, without its time of grace');
  });

  it('shows viewers the pictures of the file for as long as it loops, and ends with Ctrl-C', async () => {
    await using command = new PublishCommand(clip, `${server.url}/live/loop/whip`, '--loop');
    await command.says(/^live /m);
    await live('loop');
    await using viewer = await WhepPictures.open(server.url, 'loop');
    await viewer.sees(({ width, luma }) => width === 320 && Math.abs(luma - LUMA) < NEAR);
    command.interrupt();
    assert.equal(await command.exit(), 0, command.stderr);
    assert.ok(!(await ids()).includes('loop'), 'the stream went at once, without its time of grace');
  });

  it('comes back to a server that was away, without anybody doing anything', async () => {
    await using command = new PublishCommand(clip, `${server.url}/live/door/whip`, '--loop');
    await command.says(/^live /m);
    await server.crashAndRestart();
    await live('door');
    await command.says(/^waiting .*Trying again in [\d.]+ s\.$[^]*^live /m);
  });

  it('leaves a stream to whoever takes its place, and says so', async () => {
    await using first = new PublishCommand(clip, `${server.url}/live/door/whip`, '--loop');
    await first.says(/^live /m);
    await using second = new PublishCommand(clip, `${server.url}/live/door/whip`, '--loop');
    await second.says(/^live /m);
    assert.equal(await first.exit(), 1, first.stderr);
    assert.match(first.stderr, /Another publisher has taken the place of this one\.\n$/);
    await live('door');
    assert.doesNotMatch(second.stderr, /^waiting /m);
  });

  it('says what a server refuses, and ends', async () => {
    await using strict = await LiveServer.start({ demo: true, env: { FRAMELOCK_CONFIG: CONFIG, FRAMELOCK_PUBLISH_CREATE: 'false', FRAMELOCK_PUBLISH_POLICY: 'refuse', FRAMELOCK_TOKEN: TOKEN } });
    const refusal = async (stream: string, ...args: string[]): Promise<string> => {
      await using command = new PublishCommand(clip, `${strict.url}/live/${stream}/whip`, ...args);
      assert.equal(await command.exit(), 1, command.stderr);
      return command.stderr;
    };
    assert.match(await refusal('door'), / refused \(401\): .+ Give the server’s token by --token or FRAMELOCK_TOKEN\.\n$/);
    assert.match(await refusal('none', '--token', TOKEN), / refused \(404\): There is no such stream, and publishers may make none/);
    assert.match(await refusal('street', '--token', TOKEN), / refused \(409\): The source of the stream “street” is another \(demo\)/);
    await using first = new PublishCommand(clip, `${strict.url}/live/door/whip`, '--loop', '--token', TOKEN);
    await first.says(/^live /m);
    assert.match(await refusal('door', '--token', TOKEN), / refused \(409\): Somebody publishes this stream already/);
  });

  it('says what can’t be published', async () => {
    const text = join(folder, 'text.mp4');
    await writeFile(text, 'text');
    const target = `${server.url}/live/nothing/whip`;
    for (const [args, said] of [
      [[join(folder, 'none.mp4'), target], /^There is no file .*none\.mp4\.$/m],
      [[text, target], /text\.mp4 is not media that can be read/],
      [['publish://', target], /publish:\/\/ waits for a publisher/],
      [[clip, 'somewhere'], /“somewhere” is no address of a WHIP server/],
    ] as const) {
      await using command = new PublishCommand(...args);
      assert.equal(await command.exit(), 1, command.stderr);
      assert.match(command.stderr, said);
    }
    assert.ok(!(await ids()).includes('nothing'), 'what can’t be read makes no stream');
  });
});

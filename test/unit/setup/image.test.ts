import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { PARTS } from '../../../scripts/assemble.mjs';
import { FONTS } from '../../../scripts/lib/fonts.mjs';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { STEPS } from '../../../scripts/setup.mjs';
import { loadConfig } from '../../../src/config/load.ts';

interface Instruction {
  readonly name: string;
  readonly text: string;
  /** Number of the stage it stands in, from 1. */
  readonly stage: number;
}

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
const dockerfile = instructions(read('Dockerfile'));
const of = (name: string): Instruction[] => dockerfile.filter((instruction) => instruction.name === name);
const environment = Object.fromEntries(of('ENV').filter(({ stage }) => stage === 2).flatMap(({ text }) => text.split(/\s+/).map((pair) => pair.split('=', 2) as [string, string])));
const copied = of('COPY').filter(({ text }) => !text.startsWith('--from')).flatMap(({ text }) => text.split(/\s+/).slice(0, -1));

describe('the image', () => {
  it('copies only what exists and what .dockerignore lets through', () => {
    const let_through = read('.dockerignore').split('\n').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    assert.ok(copied.length > 5);
    for (const source of copied) assert.equal(existsSync(join(ROOT, source)), true, `${source} does not exist`);
    assert.deepEqual(copied.toSorted(), let_through.toSorted());
  });

  it('has everything that a server is put together from before it is put together', () => {
    const assembling = dockerfile.findIndex(({ text }) => text.includes('scripts/assemble.mjs'));
    const before = dockerfile.slice(0, assembling).filter(({ name }) => name === 'COPY').flatMap(({ text }) => text.split(/\s+/).slice(0, -1));
    for (const part of PARTS) assert.ok(before.some((source) => part === source || part.startsWith(`${source}/`)), `${part} is not copied`);
  });

  it('runs scripts that exist, with steps that they know', () => {
    const calls = of('RUN').flatMap(({ text }) => [...text.matchAll(/node (\S+\.mjs)(?: --only (\S+))?/g)]);
    assert.deepEqual(calls.map(([, script]) => script), ['scripts/setup.mjs', 'scripts/assemble.mjs']);
    for (const [, script = '', steps] of calls) {
      assert.ok(existsSync(join(ROOT, script)));
      for (const step of steps?.split(',') ?? []) assert.ok(step in STEPS, `there is no step ${step}`);
    }
  });

  it('opens the ports that its server uses, and compose passes the same on', () => {
    const { FRAMELOCK_HTTP_PORT: http, FRAMELOCK_RTMP_PORT: rtmp, FRAMELOCK_WEBRTC_PORT: webrtc } = environment;
    const ports = [`${http}/tcp`, `${rtmp}/tcp`, `${webrtc}/tcp`, `${webrtc}/udp`];
    assert.deepEqual(of('EXPOSE').flatMap(({ text }) => text.split(/\s+/)), ports);
    const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, { ports: string[]; volumes: string[] }> };
    for (const [name, service] of Object.entries(services)) {
      const passed = service.ports.map((port) => port.split(':')[1] ?? '').map((port) => (port.includes('/') ? port : `${port}/tcp`));
      assert.deepEqual(passed, ports, name);
      assert.deepEqual(service.volumes.map((volume) => volume.split(':')[1]), [environment['FRAMELOCK_DATA_DIR'], environment['FRAMELOCK_MEDIA_ROOTS']], name);
    }
  });

  it('is configured by variables that the server knows, and wants a token', () => {
    const env = { ...environment, FRAMELOCK_WEBRTC_ANNOUNCED_ADDRESS: '192.0.2.7' };
    assert.throws(() => loadConfig({ path: undefined, env, cwd: ROOT }), /auth\.token/);
    const { config, warnings } = loadConfig({ path: undefined, env: { ...env, FRAMELOCK_TOKEN: 'a-long-and-random-text' }, cwd: ROOT });
    assert.deepEqual(warnings, []);
    assert.deepEqual([config.http.host, config.webrtc.listen, config.webrtc.announcedAddress], ['0.0.0.0', '0.0.0.0', '192.0.2.7']);
    assert.deepEqual([config.dataDir, config.mediaRoots], ['/data', ['/media']]);
  });

  it('runs on the pinned Node, not as root, keeps its data in a volume, and has fonts and the driver’s video part', () => {
    const [entry] = of('ENTRYPOINT');
    assert.deepEqual(JSON.parse(entry?.text ?? ''), ['/app/node_modules/.bin/node', '/app/src/main.ts']);
    assert.deepEqual(of('USER').map(({ text, stage }) => [text, stage]), [['framelock', 2]]);
    assert.deepEqual(of('VOLUME').map(({ text }) => text), [environment['FRAMELOCK_DATA_DIR']]);
    assert.match(environment['NVIDIA_DRIVER_CAPABILITIES'] ?? '', /\bvideo\b/);
    const installed = of('RUN').map(({ text }) => text).join(' ').split(/\s+/);
    for (const font of FONTS) assert.ok(installed.includes(font), `${font} is not installed`);
  });

  it('asks the server itself for its health', async () => {
    const [, , script = ''] = JSON.parse((of('HEALTHCHECK')[0]?.text ?? '').replace(/^.*?CMD /, '')) as string[];
    let status = 200;
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const check = async () => (await run(process.execPath, ['-e', script], { env: { FRAMELOCK_HTTP_PORT: String((server.address() as AddressInfo).port) } })).code;
    try {
      assert.equal(await check(), 0);
      status = 503;
      assert.equal(await check(), 1);
    } finally {
      server.close();
    }
    assert.equal((await run(process.execPath, ['-e', script], { env: { FRAMELOCK_HTTP_PORT: '1' } })).code, 1);
    assert.deepEqual(asked, ['/healthz', '/healthz']);
  });
});

/** Instructions of a Dockerfile, continued lines put together, comments left out. */
function instructions(text: string): Instruction[] {
  let stage = 0;
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      if (name === undefined || rest === undefined) return [];
      if (name === 'FROM') stage += 1;
      return [{ name, text: rest.trim(), stage }];
    });
}

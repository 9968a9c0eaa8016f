import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DockerfileParser, Env, Keyword, type Instruction } from 'dockerfile-ast';
import { parse } from 'yaml';
import { PARTS } from '../../../scripts/assemble.mjs';
import { FONTS } from '../../../scripts/lib/fonts.mjs';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { STEPS } from '../../../scripts/setup.mjs';
import { loadConfig } from '../../../src/config/load.ts';

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
const dockerfile = DockerfileParser.parse(read('Dockerfile'));
const instructions = dockerfile.getInstructions();
/** What makes the image itself, after the stage in which it is built. */
const last = instructions.slice(instructions.findLastIndex((instruction) => instruction.getKeyword() === String(Keyword.FROM)));
const of = (name: Keyword): Instruction[] => instructions.filter((instruction) => instruction.getKeyword() === String(name));
const argumentsOf = (instruction: Instruction): string[] => instruction.getArguments().map((argument) => argument.getValue());
const properties = last.filter((instruction) => instruction instanceof Env).flatMap((instruction) => instruction.getProperties());
const environment = Object.fromEntries(properties.map((property) => [property.getName(), property.getValue() ?? '']));
/** Sources of the checkout that are copied, each with the instruction that does. */
const copies = dockerfile.getCOPYs().filter((instruction) => instruction.getFromFlag() === null).map((instruction) => ({ instruction, sources: argumentsOf(instruction).slice(0, -1) }));
const copied = copies.flatMap(({ sources }) => sources);

describe('the image', () => {
  it('copies only what exists and what .dockerignore lets through', () => {
    const let_through = read('.dockerignore').split('\n').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    assert.ok(copied.length > 5);
    for (const source of copied) assert.equal(existsSync(join(ROOT, source)), true, `${source} does not exist`);
    assert.deepEqual(copied.toSorted(), let_through.toSorted());
  });

  it('has everything that a server is put together from before it is put together', () => {
    const assembling = instructions.findIndex((instruction) => instruction.getArgumentsContent()?.includes('scripts/assemble.mjs'));
    const before = copies.filter(({ instruction }) => instructions.indexOf(instruction) < assembling).flatMap(({ sources }) => sources);
    assert.ok(assembling > 0);
    for (const part of PARTS) assert.ok(before.some((source) => part === source || part.startsWith(`${source}/`)), `${part} is not copied`);
  });

  it('runs scripts that exist, with steps that they know', () => {
    const calls = of(Keyword.RUN).flatMap((instruction) => [...(instruction.getArgumentsContent() ?? '').matchAll(/node (\S+\.mjs)(?: --only (\S+))?/g)]);
    assert.deepEqual(calls.map(([, script]) => script), ['scripts/setup.mjs', 'scripts/assemble.mjs']);
    for (const [, script = '', steps] of calls) {
      assert.ok(existsSync(join(ROOT, script)));
      for (const step of steps?.split(',') ?? []) assert.ok(step in STEPS, `there is no step ${step}`);
    }
  });

  it('opens the ports that its server uses, and compose passes the same on', () => {
    const { FRAMELOCK_HTTP_PORT: http, FRAMELOCK_RTMP_PORT: rtmp, FRAMELOCK_WEBRTC_PORT: webrtc } = environment;
    const ports = [`${http}/tcp`, `${rtmp}/tcp`, `${webrtc}/tcp`, `${webrtc}/udp`];
    assert.deepEqual(of(Keyword.EXPOSE).flatMap(argumentsOf), ports);
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
    const [entry] = dockerfile.getENTRYPOINTs();
    assert.deepEqual(entry?.getJSONStrings().map((text) => text.getJSONValue()), ['/app/node_modules/.bin/node', '/app/src/main.ts']);
    assert.deepEqual(of(Keyword.USER).map((instruction) => [...argumentsOf(instruction), last.includes(instruction)]), [['framelock', true]]);
    assert.deepEqual(of(Keyword.VOLUME).flatMap(argumentsOf), [environment['FRAMELOCK_DATA_DIR']]);
    assert.match(environment['NVIDIA_DRIVER_CAPABILITIES'] ?? '', /\bvideo\b/);
    const installed = of(Keyword.RUN).flatMap(argumentsOf);
    for (const font of FONTS) assert.ok(installed.includes(font), `${font} is not installed`);
  });

  it('asks the server itself for its health', async () => {
    const [, , script = ''] = JSON.parse((dockerfile.getHEALTHCHECKs()[0]?.getArgumentsContent() ?? '').replace(/^.*?CMD /, '')) as string[];
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

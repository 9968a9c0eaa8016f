import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigError, type ConfigProblem } from '../../../src/config/errors.ts';
import { isLoopback, loadConfig, type LoadedConfig } from '../../../src/config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'framelock-config-'));
after(() => rmSync(folder, { recursive: true }));

const path = join(folder, 'framelock.yaml');

function load(yaml: string | undefined, env: NodeJS.ProcessEnv = {}): LoadedConfig {
  if (yaml !== undefined) writeFileSync(path, yaml);
  return loadConfig({ path: yaml === undefined ? undefined : path, env, cwd: '/srv/framelock' });
}

function problems(yaml: string | undefined, env: NodeJS.ProcessEnv = {}): readonly ConfigProblem[] {
  try {
    load(yaml, env);
  } catch (error) {
    assert(error instanceof ConfigError);
    return error.problems;
  }
  assert.fail('the configuration was accepted');
}

describe('without a configuration file', () => {
  const { config, file, warnings } = load(undefined);

  it('serves the demo stream on loopback', () => {
    assert.equal(file, undefined);
    assert.deepEqual(warnings, []);
    assert.deepEqual(config.streams, [{ id: 'street', title: 'Street', source: 'demo://street' }]);
    assert.equal(config.http.host, '127.0.0.1');
    assert.equal(config.http.port, 8080);
    assert.equal(config.webrtc.port, 8189);
    assert.equal(config.webrtc.listen, '127.0.0.1');
    assert.equal(config.auth.token, undefined);
  });

  it('keeps data and media below the working directory', () => {
    assert.equal(config.dataDir, '/srv/framelock/data');
    assert.deepEqual(config.mediaRoots, ['/srv/framelock/media']);
  });
});

describe('the environment', () => {
  it('sets what scripts rely on', () => {
    const { config } = load(undefined, {
      FRAMELOCK_HTTP_HOST: '0.0.0.0',
      FRAMELOCK_HTTP_PORT: '9000',
      FRAMELOCK_WEBRTC_PORT: '9001',
      FRAMELOCK_DATA_DIR: 'elsewhere',
      FRAMELOCK_TOKEN: 'a-token-that-is-long-enough',
      FRAMELOCK_MODELS_DIR: '/models',
      FRAMELOCK_MEDIA_ROOTS: 'clips:/media/all',
    });
    assert.equal(config.http.host, '0.0.0.0');
    assert.equal(config.http.port, 9000);
    assert.equal(config.webrtc.port, 9001);
    assert.equal(config.webrtc.listen, '0.0.0.0');
    assert.equal(config.dataDir, '/srv/framelock/elsewhere');
    assert.equal(config.auth.token, 'a-token-that-is-long-enough');
    assert.equal(config.modelsDir, '/models');
    assert.deepEqual(config.mediaRoots, ['/srv/framelock/clips', '/media/all']);
  });

  it('names the file', () => {
    writeFileSync(path, 'http: { port: 81 }');
    const { config, file } = loadConfig({ env: { FRAMELOCK_CONFIG: path }, cwd: '/' });
    assert.equal(file, path);
    assert.equal(config.http.port, 81);
  });

  it('wins over the file', () => {
    const { config } = load('http: { port: 81 }\nsfu: { workers: 4 }', { FRAMELOCK_HTTP_PORT: '82', FRAMELOCK_SFU_WORKERS: 'auto' });
    assert.equal(config.http.port, 82);
    assert.equal(config.sfu.workers, 'auto');
  });

  it('counts an empty variable as not set', () => {
    assert.equal(load(undefined, { FRAMELOCK_TOKEN: '', FRAMELOCK_HTTP_PORT: '' }).config.http.port, 8080);
  });

  it('is refused by the name of the variable', () => {
    const [problem] = problems(undefined, { FRAMELOCK_HTTP_PORT: 'eighty' });
    assert.equal(problem?.origin, 'environment variable FRAMELOCK_HTTP_PORT');
    assert.equal(problem?.path, 'http.port');
  });

  it('is warned of when a variable looks mistyped', () => {
    const { warnings } = load(undefined, { FRAMELOCK_HTPP_PORT: '80' });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /FRAMELOCK_HTPP_PORT.*FRAMELOCK_HTTP_PORT/);
    assert.deepEqual(load(undefined, { FRAMELOCK_CACHE_DIR: '/c', FRAMELOCK_LAUNCHER_PID: '1', FRAMELOCK_SOMETHING_ELSE: 'x' }).warnings, []);
  });
});

describe('a configuration file', () => {
  it('names the authorities that sources are verified by, where they are', () => {
    const tls = (yaml: string): LoadedConfig['config']['sources']['tls'] => load(yaml).config.sources.tls;
    assert.deepEqual(tls('sources: { tls: { caFile: ca.pem } }'), { verify: false });
    assert.deepEqual(tls('sources: { tls: { verify: true, caFile: ca.pem } }'), { verify: true, caFile: join(folder, 'ca.pem') });
  });

  it('takes relative paths from its own folder', () => {
    const { config } = load('dataDir: ./d\nmediaRoots: [m, /abs]');
    assert.equal(config.dataDir, join(folder, 'd'));
    assert.deepEqual(config.mediaRoots, [join(folder, 'm'), '/abs']);
  });

  it('may leave a section empty', () => {
    assert.equal(load('http:\nstreams:\n').config.http.port, 8080);
    assert.equal(load('').config.streams.length, 1);
  });

  it('may define no stream at all', () => {
    assert.deepEqual(load('streams: []').config.streams, []);
  });

  it('fills in variables, with the type that the setting wants', () => {
    const { config } = load('auth: { token: "${SECRET}" }\nhttp: { port: "${PORT}" }\nlog: { pretty: "${PRETTY}" }', {
      SECRET: '12345',
      PORT: '8081',
      PRETTY: 'true',
    });
    assert.equal(config.auth.token, '12345');
    assert.equal(config.http.port, 8081);
    assert.equal(config.log.pretty, true);
  });

  it('writes $${ for a dollar and a brace', () => {
    assert.equal(load('streams: [{ id: a, source: "demo://street", title: "$${X} ${Y}" }]', { Y: 'y' }).config.streams[0]?.title, '${X} y');
  });

  it('is refused with the line of every variable that is not set', () => {
    assert.deepEqual(
      problems('auth:\n  token: ${NONE}\nhttp:\n  host: a${B').map(({ line, path: where }) => [line, where]),
      [
        [2, 'auth.token'],
        [4, 'http.host'],
      ],
    );
  });

  it('is refused with file, line, path and what is allowed for an unknown key', () => {
    const [problem] = problems('# a comment\nhttp:\n  prot: 80\n');
    assert.equal(problem?.origin, path);
    assert.equal(problem?.line, 3);
    assert.equal(problem?.path, 'http.prot');
    assert.match(problem?.message ?? '', /Did you mean “port”\? Allowed here: host, port, allowedOrigins/);
  });

  it('is refused for all wrong values at once', () => {
    const found = problems('encoder: { preset: slow }\nstreams:\n  - id: UP\n    source: demo://street\n  - source: 5\n').map(({ line, path: where }) => `${where}:${line}`);
    assert.deepEqual(found, ['encoder.preset:1', 'streams[0].id:3', 'streams[1].id:5', 'streams[1].source:5']);
  });

  it('is refused when two streams have one id', () => {
    const [problem] = problems('streams:\n  - { id: a, source: "demo://street" }\n  - { id: a, source: "demo://street" }\n');
    assert.equal(problem?.path, 'streams[1].id');
    assert.equal(problem?.line, 3);
  });

  it('is refused with the line of a mistake in the YAML itself', () => {
    assert.equal(problems('http:\n  port: 80\n port: 81\n')[0]?.line, 3);
    assert.equal(problems('http: { port: 1 }\nhttp: { port: 2 }\n')[0]?.line, 2);
  });

  it('is refused when it is no map of settings', () => {
    assert.match(problems('- 1\n')[0]?.message ?? '', /Must be an object/);
    assert.match(problems('just text')[0]?.message ?? '', /Must be an object/);
  });

  it('is refused when it is not there', () => {
    assert.throws(() => loadConfig({ path: '/nowhere/x.yaml', env: {}, cwd: '/' }), /\/nowhere\/x\.yaml: There is no such file/);
  });

  it('never repeats a value, which may be a secret', () => {
    const message = new ConfigError(problems('auth: { token: "two words" }\nstreams: [{ id: a, source: "rtsp://user:hunter2@cam/" }]')).message;
    assert.doesNotMatch(message, /two words|hunter2/);
  });
});

describe('an address that others can reach', () => {
  it('is refused until there is a token', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org']) {
      assert.match(problems(undefined, { FRAMELOCK_HTTP_HOST: host })[0]?.message ?? '', /Set auth\.token \(FRAMELOCK_TOKEN\)/);
    }
  });

  it('is accepted with a token, and a short one is warned of', () => {
    assert.equal(load(undefined, { FRAMELOCK_HTTP_HOST: '0.0.0.0', FRAMELOCK_TOKEN: 'short' }).warnings.length, 1);
    assert.equal(load(undefined, { FRAMELOCK_HTTP_HOST: '0.0.0.0', FRAMELOCK_TOKEN: 'long enough to be kept'.replaceAll(' ', '-') }).warnings.length, 0);
  });

  it('needs a token for RTMP too, where that is taken', () => {
    assert.deepEqual(problems(undefined, { FRAMELOCK_RTMP_HOST: '0.0.0.0' }).map(({ path }) => path), ['rtmp.host']);
    assert.equal(load(undefined, { FRAMELOCK_RTMP_HOST: '0.0.0.0', FRAMELOCK_RTMP_ENABLED: 'false' }).warnings.length, 0);
    assert.equal(load(undefined, { FRAMELOCK_RTMP_HOST: '0.0.0.0', FRAMELOCK_TOKEN: 'short' }).warnings.length, 1);
    assert.equal(load(undefined, { FRAMELOCK_HTTP_HOST: '0.0.0.0', FRAMELOCK_TOKEN: 'long-enough-to-be-kept' }).config.rtmp.host, '0.0.0.0');
  });

  it('is none of the loopback ones', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', 'LOCALHOST', 'a.localhost']) assert.equal(isLoopback(host), true, host);
    for (const host of ['127.0.0.1.example.org', 'localhost.example.org', '10.0.0.1', '::', '']) assert.equal(isLoopback(host), false, host);
  });
});

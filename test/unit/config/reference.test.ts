import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../../src/config/load.ts';
import { configurationReference } from '../../../src/config/reference.ts';
import { ConfigSchema } from '../../../src/config/schema.ts';
import { settings } from '../../../src/config/walk.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the reference of all settings', () => {
  it('is up to date (else: node src/config/reference.ts > docs/configuration.md)', () => {
    assert.equal(readFileSync(`${root}docs/configuration.md`, 'utf8'), configurationReference());
  });

  it('says something about every setting', () => {
    const silent = settings(ConfigSchema).filter(({ meta }) => (meta.description ?? '') === '');
    assert.deepEqual(silent, []);
  });

  it('has an environment variable for every scalar, none of them twice', () => {
    const names = settings(ConfigSchema).flatMap(({ env }) => env ?? []);
    assert.equal(new Set(names).size, names.length);
    for (const name of ['HTTP_HOST', 'HTTP_PORT', 'WEBRTC_PORT', 'DATA_DIR', 'TOKEN', 'MODELS_DIR', 'MEDIA_ROOTS']) {
      assert(names.includes(`FRAMELOCK_${name}`), name);
    }
  });
});

describe('the sample configuration', () => {
  it('says what is the case without it', () => {
    const { config: sample } = loadConfig({ path: `${root}framelock.yaml`, env: {}, cwd: root });
    const { config: without } = loadConfig({ env: {}, cwd: root });
    assert.deepEqual(sample, without);
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { machineText, vulkanDrivers } from '../../../src/pipeline/detect/providers/machine.ts';

let folder: string;
let driver: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'framelock-machine-'));
  mkdirSync(join(folder, 'vulkan/icd.d'), { recursive: true });
  driver = join(folder, 'vulkan/icd.d/made_up_icd.json');
  writeFileSync(driver, '{}');
  writeFileSync(join(folder, 'vulkan/icd.d/README'), '');
});
after(() => rmSync(folder, { recursive: true }));

describe('the Vulkan drivers of a machine', () => {
  test('are found by name, in named folders, and where programs keep their data', () => {
    for (const env of [{ VK_DRIVER_FILES: `/nowhere.json:${driver}` }, { VK_ICD_FILENAMES: join(folder, 'vulkan/icd.d') }, { XDG_DATA_DIRS: `/nowhere:${folder}` }]) {
      assert.ok(vulkanDrivers(env).includes(driver), JSON.stringify(env));
    }
    const found = vulkanDrivers({ XDG_DATA_DIRS: folder });
    assert.deepEqual(found.filter((path) => path.startsWith(folder)), [driver]);
    assert.ok(!vulkanDrivers({}).includes(driver));
  });
});

describe('what is said of a machine', () => {
  test('is the same each time, and another when a driver or a choice of one is another', () => {
    const env = { VK_DRIVER_FILES: driver };
    const text = machineText(env);
    assert.equal(machineText(env), text);
    assert.notEqual(machineText({ ...env, DRI_PRIME: '1' }), text);
    utimesSync(driver, 1, 1);
    assert.notEqual(machineText(env), text);
  });

  test('holds the version of ONNX Runtime', () => {
    assert.match(machineText({}), /"\d+\.\d+\.\d+/);
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { notInstalled } from '../../../scripts/lib/debian.mjs';

it('packages count as missing that dpkg does not know, or knows as removed', () => {
  const listing = ['cmake installed', 'ninja-build config-files', 'dpkg-query: no packages found matching g++', ''].join('\n');
  assert.deepEqual(notInstalled(['cmake', 'ninja-build', 'g++'], listing), ['ninja-build', 'g++']);
  assert.deepEqual(notInstalled(['cmake'], listing), []);
});

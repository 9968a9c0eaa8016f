import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSourceAddress, publicAddress } from '../../../src/pipeline/source/address.ts';

test('an absolute path is a file, whatever characters its name holds', () => {
  const { kind, url } = parseSourceAddress('/media/a b#c?d%20.mp4');
  assert.equal(kind, 'file');
  assert.equal(decodeURIComponent(url.pathname), '/media/a b#c?d%20.mp4');
});

test('addresses with known schemes are taken apart', () => {
  assert.equal(parseSourceAddress('demo://street?seed=7').kind, 'demo');
  assert.equal(parseSourceAddress(' file:///x.mp4 ').kind, 'file');
  assert.equal(parseSourceAddress('publish://').kind, 'publish');
});

for (const camera of ['/dev/video0', ' /dev/video12', 'file:///dev/video3', '/dev/v4l/by-id/usb-046d_C920-video-index0', '/dev/v4l/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0']) {
  test(`${JSON.stringify(camera)} is no file, and the refusal says what to write`, () => {
    const written = /v4l2:\S+/.exec(refusal(camera))?.[0] ?? '';
    assert.equal(written, `v4l2://${camera.trim().replace('file://', '')}`);
    assert.equal(parseSourceAddress(written).kind, 'v4l2');
  });
}

function refusal(address: string): string {
  try {
    return parseSourceAddress(address).url.href;
  } catch (error) {
    return (error as Error).message;
  }
}

for (const bad of ['', 'x.mp4', '-i x', 'concat:a|b', 'subfile:,,start,1,end,2:x', 'pipe:0', 'gopher://x/y', 'javascript:1', 'data:,x', 'file://host/share.mp4', 'publish://door', 'publish:///x', 'publish://?x=1']) {
  test(`${JSON.stringify(bad)} is refused as an address`, () => {
    assert.throws(() => parseSourceAddress(bad), { code: 'source-address' });
  });
}

test('a shown address holds no credentials', () => {
  assert.equal(publicAddress(new URL('rtsp://admin:secret@cam/1')), 'rtsp://cam/1');
});

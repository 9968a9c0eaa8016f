import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { IOStream } from 'node-av/api';
import { Dictionary, FormatContext, InputFormat, Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { nalType, NAL_PPS, NAL_SPS, splitAnnexB } from '../../../src/pipeline/rtp/annexb.ts';
import { isComplete } from '../../../src/pipeline/source/described-media.ts';
import { freeUdpPort } from '../../support/free-udp-port.ts';

Log.setLevel(AV_LOG_QUIET);
const exec = promisify(execFile);
const PCMU = ['m=audio {port} RTP/AVP 0'];

/** The NAL units that begin what an encoder makes of some moving pictures, 160×90 at 20 a second. */
async function encoded(format: 'h264' | 'hevc', ...coding: string[]): Promise<Buffer[]> {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=20', '-frames:v', '1'];
  const { stdout } = await exec('ffmpeg', [...input, ...coding, '-f', format, '-'], { encoding: 'buffer' });
  return splitAnnexB(stdout);
}

function base64(nals: readonly Buffer[], type: number, typeOf: (nal: Buffer) => number = nalType): string {
  return nals.find((nal) => typeOf(nal) === type)!.toString('base64');
}

function h264(nals: readonly Buffer[]): string[] {
  return ['m=video {port} RTP/AVP 96', 'a=rtpmap:96 H264/90000', `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${base64(nals, NAL_SPS)},${base64(nals, NAL_PPS)}`];
}

/** Whether a session description with these media says everything, and what is known of its first then. */
async function described(...media: string[][]): Promise<{ complete: boolean; width: number; height: number; fps: number }> {
  const lines = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  for (const one of media) lines.push(...(await Promise.all(one.map(async (line) => (line.includes('{port}') ? line.replace('{port}', String(await freeUdpPort())) : line)))));
  const format = new FormatContext();
  format.allocContext();
  using io = IOStream.create(Buffer.from(`${lines.join('\r\n')}\r\n`));
  format.pb = io;
  using options = Dictionary.fromObject({ protocol_whitelist: 'rtp,udp' });
  assert.ok((await format.openInput('', InputFormat.findInputFormat('sdp'), options)) >= 0);
  try {
    const complete = await isComplete(format);
    const { width, height, frameRate } = format.streams![0]!.codecpar;
    return { complete, width, height, fps: frameRate.den > 0 ? frameRate.num / frameRate.den : 0 };
  } finally {
    await format.closeInput();
  }
}

describe('whether a session description says all that has to be known', () => {
  test('of H.264 with its parameter sets and of sound: size and rate are known from them', async () => {
    const nals = await encoded('h264', '-c:v', 'libx264', '-bf', '0');
    assert.deepEqual(await described(h264(nals), PCMU), { complete: true, width: 160, height: 90, fps: 20 });
  });

  test('of H.265 with its parameter sets', async () => {
    const nals = await encoded('hevc', '-c:v', 'libx265', '-x265-params', 'log-level=none');
    const [vps, sps, pps] = [32, 33, 34].map((type) => base64(nals, type, (nal) => (nal[0]! >> 1) & 0x3f));
    const media = ['m=video {port} RTP/AVP 96', 'a=rtpmap:96 H265/90000', `a=fmtp:96 sprop-vps=${vps};sprop-sps=${sps};sprop-pps=${pps}`];
    assert.deepEqual(await described(media), { complete: true, width: 160, height: 90, fps: 20 });
  });

  test('not without parameter sets, nor with damaged ones', async () => {
    const [video, map] = h264(await encoded('h264', '-c:v', 'libx264', '-bf', '0')) as [string, string];
    assert.equal((await described([video, map])).complete, false);
    assert.equal((await described([video, map, 'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z00AHg==,aO48gA=='])).complete, false);
  });

  test('not where the order of pictures can’t be told', async () => {
    const complete = async (profile: number, order: string): Promise<boolean> => (await described(h264([sequence(profile, order), Buffer.of(0x68, 0xce, 0x3c, 0x80)]))).complete;
    // pic_order_cnt_type 0, with log2_max_pic_order_cnt_lsb_minus4, and 2, with which pictures are shown as they come.
    assert.deepEqual([await complete(77, '1 1'), await complete(66, '1 1'), await complete(77, '011')], [false, true, true]);
  });

  test('not of AAC whose configuration is not told', async () => {
    const video = h264(await encoded('h264', '-c:v', 'libx264', '-bf', '0'));
    const aac = ['m=audio {port} RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/48000/2'];
    const mode = 'a=fmtp:97 streamtype=5;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3';
    assert.equal((await described(video, [...aac, mode])).complete, false);
    assert.equal((await described(video, [...aac, `${mode};config=1190`])).complete, true);
  });

  test('not without video, nor of video that no parameter sets describe', async () => {
    assert.equal((await described(PCMU)).complete, false);
    assert.equal((await described(['m=video {port} RTP/AVP 26'])).complete, false);
  });
});

/** A sequence parameter set of 160×96 without VUI parameters. @param order bits that tell the order of pictures */
function sequence(profile: number, order: string): Buffer {
  const bits = `${profile.toString(2).padStart(8, '0')} 00000000 00011110 1 1 ${order} 010 0 0001010 00110 1 1 0 0 1`.replaceAll(' ', '');
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2));
  return Buffer.of(0x67, ...bytes);
}

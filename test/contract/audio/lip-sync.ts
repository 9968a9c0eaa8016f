import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamView } from '../../../src/streams/view.ts';
import { BeatMeter } from '../../support/beat-meter.ts';
import { freePort } from '../../support/free-port.ts';
import { LiveServer } from '../../support/live-server.ts';
import { RtpViewer } from '../../support/rtp-viewer.ts';

/** Milliseconds by which nobody notices that sound and picture are apart (ITU-R BT.1359: 45 ms early). */
const MOST_MS = 45;
/** By how much more the sound may slip before it is cut or filled up: docs/sources.md. */
const SLIP_MS = 80;

/** A server whose streams have flashes and beeps, and viewers of them. */
export class LipSyncStage implements AsyncDisposable {
  /** Where files that are sources lie. */
  readonly folder: string;
  readonly server: LiveServer;
  readonly rtmpPort: number;

  private constructor(folder: string, server: LiveServer, rtmpPort: number) {
    this.folder = folder;
    this.server = server;
    this.rtmpPort = rtmpPort;
  }

  static async open(): Promise<LipSyncStage> {
    const folder = await mkdtemp(join(tmpdir(), 'framelock-lip-sync-'));
    const rtmpPort = await freePort();
    const env = { FRAMELOCK_MEDIA_ROOTS: folder, FRAMELOCK_RTMP_ENABLED: 'true', FRAMELOCK_RTMP_PORT: String(rtmpPort) };
    return new LipSyncStage(folder, await LiveServer.start({ env }), rtmpPort);
  }

  async add(id: string, path: string): Promise<StreamView> {
    await this.server.call('POST', '/api/streams', { id, source: path, detectors: [] });
    return this.server.until<StreamView>(id, ({ state }) => state === 'live');
  }

  listen(id: string): Promise<RtpViewer> {
    return RtpViewer.open(
      async (offer) => {
        const response = await fetch(`${this.server.url}/live/${id}/whep`, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer });
        assert.equal(response.status, 201);
        return response.text();
      },
      { opus: 111 },
    );
  }

  /**
   * The newest of so many beats; where a busy machine has moved most of them, of up to four times as many.
   * @param late by how many milliseconds the source's own sound is late
   */
  async measure(id: string, beats: number, late = 0): Promise<number[]> {
    await using viewer = await this.listen(id);
    using meter = await BeatMeter.open(viewer);
    for (let waited = beats; ; waited += beats) {
      const newest = (await meter.offsets(waited)).slice(-beats).map((offset) => offset - late);
      if (isInStep(newest) || waited === 4 * beats) return newest;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true });
  }
}

/** As people see it, over some beats; a single one may be off for as long as the sound follows a picture that a busy machine has moved. */
function isInStep(offsets: readonly number[]): boolean {
  const median = offsets.toSorted((a, b) => a - b)[Math.floor(offsets.length / 2)]!;
  return Math.abs(median) <= MOST_MS && offsets.every((offset) => Math.abs(offset) <= MOST_MS + SLIP_MS);
}

export function inStep(offsets: readonly number[]): void {
  assert.ok(isInStep(offsets), `beeps are later than their flashes by ${offsets.map((offset) => offset.toFixed(1)).join(', ')} ms`);
}

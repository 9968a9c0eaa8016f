import { EventEmitter } from 'node:events';
import type { Output, OutputLeases } from '../../src/pipeline/ipc/outputs.ts';
import type { RenditionSpec } from '../../src/pipeline/media/info.ts';
import type { RtpTarget } from '../../src/pipeline/rtp/target.ts';
import type { Broadcast } from '../../src/sfu/broadcast.ts';

/** Stands in for a stream's table of outputs: tells what is leased, and makes nothing of it. */
export class Leases extends EventEmitter<{ start: [RenditionSpec, RtpTarget]; stop: [RenditionSpec]; 'audio-start': [RtpTarget]; 'audio-stop': [] }> implements OutputLeases {
  /** Leases of annotation messages. */
  annotations = 0;

  lease(output: Output): () => void {
    const { target } = output.sink;
    if (output.of === 'video') this.emit('start', output.rendition, target);
    else this.emit('audio-start', target);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (output.of === 'video') this.emit('stop', output.rendition);
      else this.emit('audio-stop');
    };
  }

  leaseAnnotations(): () => void {
    this.annotations += 1;
    return () => void (this.annotations -= 1);
  }
}

const known = new WeakMap<Broadcast, Leases>();

/** What a broadcast leases; the same each time. */
export function leasesOf(broadcast: Broadcast): Leases {
  const leases = known.get(broadcast) ?? new Leases();
  if (!known.has(broadcast)) {
    known.set(broadcast, leases);
    broadcast.supply(leases);
  }
  return leases;
}

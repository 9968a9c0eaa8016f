import { setTimeout as sleep } from 'node:timers/promises';
import { Packet, type FormatContext, type Stream } from 'node-av/lib';
import { AVERROR_EAGAIN } from 'node-av/constants';

/** Milliseconds until a source that has nothing just now is asked again. */
const AGAIN_MS = 5;

/** Another stream, whose packets are handed over as they come by. */
export interface Beside {
  readonly stream: Stream;
  readonly take: (packet: Packet) => void;
}

/**
 * The packets of one stream, each read when it is asked for; then null, also where reading fails or was interrupted. (`Demuxer.packets()`
 * reads ahead, and keeps a core busy for as long as nobody takes what it has read.)
 */
export async function* packetsOf(format: FormatContext, stream: Stream, beside?: Beside): AsyncGenerator<Packet | null> {
  const { index, timeBase } = stream;
  for (;;) {
    const packet = new Packet();
    packet.alloc();
    const status = await format.readFrame(packet);
    if (status >= 0 && packet.streamIndex === index) {
      packet.timeBase = timeBase;
      yield packet;
      continue;
    }
    if (status >= 0 && packet.streamIndex === beside?.stream.index) {
      packet.timeBase = beside.stream.timeBase;
      beside.take(packet);
      continue;
    }
    packet.free();
    if (status === AVERROR_EAGAIN) await sleep(AGAIN_MS);
    else if (status < 0) return yield null;
  }
}

import { BitReader } from '../rtp/bit-reader.ts';
import { OBU_FRAME, OBU_FRAME_HEADER, OBU_SEQUENCE_HEADER, obuPayload, obuType, splitObus } from '../rtp/obu.ts';
import { parseSequence, sequenceObstacle, type Av1Sequence } from './av1-sequence.ts';
import type { CodedPicture } from '../media/access-unit.ts';
import type { TranscodeReason } from './transcode-reason.ts';
import type { PacketReader } from './packet-reader.ts';

/** First byte of an AV1CodecConfigurationRecord (AV1 in ISOBMFF §2.3), behind which OBUs follow after four bytes. */
const RECORD_MARKER = 0x81;
const RECORD_HEADER = 4;
const KEY_FRAME = 0;

/** The beginning of a frame header (AV1 bitstream specification §5.9.2). */
interface FrameHeader {
  readonly key: boolean;
  readonly shown: boolean;
}

/** AV1: a packet is a temporal unit, which shows one frame, whatever else it holds. */
export class Av1Reader implements PacketReader {
  #sequence: { readonly obu: Buffer; readonly parameters: Av1Sequence } | undefined;
  #hidesFrames = false;

  /** @param extradata of the container: empty, OBUs or an AV1CodecConfigurationRecord */
  constructor(extradata: Buffer | null) {
    this.configure(extradata ?? Buffer.alloc(0));
  }

  configure(extradata: Buffer): void {
    this.#sequence = undefined;
    this.#hidesFrames = false;
    this.#note(splitObus(extradata[0] === RECORD_MARKER ? extradata.subarray(RECORD_HEADER) : extradata) ?? []);
  }

  read(data: Buffer): CodedPicture | TranscodeReason {
    const obus = splitObus(data);
    if (obus === undefined) return 'damaged';
    this.#note(obus);
    // Without its sequence nothing can be said of a frame, and nobody can begin with it.
    const sequence = this.#sequence;
    if (sequence === undefined) return 'damaged';
    const obstacle = sequenceObstacle(sequence.parameters);
    if (obstacle !== undefined) return obstacle;
    const headers = obus.filter((obu) => obuType(obu) === OBU_FRAME || obuType(obu) === OBU_FRAME_HEADER).map((obu) => frameHeader(obu, sequence.parameters));
    const [first] = headers;
    if (first === undefined || headers.includes(undefined)) return 'damaged';
    if (headers.filter((header) => header?.shown).length !== 1) this.#hidesFrames = true;
    if (this.#hidesFrames) return 'hidden-frames';
    const key = first.key && first.shown;
    const complete = !key || obus.some((obu) => obuType(obu) === OBU_SEQUENCE_HEADER);
    return { parts: complete ? obus : [sequence.obu, ...obus], key };
  }

  #note(obus: readonly Buffer[]): void {
    const obu = obus.find((one) => obuType(one) === OBU_SEQUENCE_HEADER);
    if (obu === undefined || this.#sequence?.obu.equals(obu) === true) return;
    try {
      this.#sequence = { obu, parameters: parseSequence(obuPayload(obu)) };
    } catch {
      // A damaged one is not kept; the decoder complains of it.
    }
  }
}

/** Undefined where it is cut off. */
function frameHeader(obu: Buffer, { stillPicture }: Av1Sequence): FrameHeader | undefined {
  if (stillPicture) return { key: true, shown: true };
  try {
    const bits = new BitReader(obuPayload(obu));
    const existing = bits.flag();
    // Others may be decoded from a key frame that is shown later than it came, but nobody has it who begins with that.
    if (existing) return { key: false, shown: true };
    return { key: bits.bits(2) === KEY_FRAME, shown: bits.flag() };
  } catch {
    return undefined;
  }
}

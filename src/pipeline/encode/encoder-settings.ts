import type { FFEncoderCodec } from 'node-av/constants';
import type { EncoderOptions, X264Preset } from './options.ts';

/** How one encoder is told to be quick. */
export interface EncoderSettings {
  readonly codec: FFEncoderCodec;
  /** Device files of which one must exist for a try to make sense on Linux; none are needed in software. */
  readonly devices: RegExp | undefined;
  /** Filters that bring planar 4:2:0 into the encoder's own memory and layout; undefined where it takes it as it is. */
  readonly upload: string | undefined;
  /** libav device type for `hwupload`. */
  readonly device: 'vaapi' | undefined;
  /** Frames to the next IDR frame that nobody asked for: as many as the encoder can count. */
  readonly longestGop: number;
  /** Whether libav hands a change of bitrate on to the running encoder; where not, it is opened again. */
  readonly followsBitrate: boolean;
  /** Private options of the libav encoder. */
  readonly options: (options: EncoderOptions, threads: number, preset: X264Preset) => Record<string, string>;
  /** It takes a constant bitrate from limits that are the same. */
  readonly constantRate?: boolean;
  /** It takes pictures of an odd width or height. */
  readonly oddSizes?: boolean;
  /** Its threads cost more than they bring. */
  readonly oneThread?: boolean;
  /** It complains where it is closed without having been told that no frame comes any more. */
  readonly wantsEnd?: boolean;
  /** What its library reads from the environment, where nobody has set it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What a packet of it is made of, as the packetizer of its codec takes it. */
  readonly split: (packet: Buffer) => Buffer[];
}

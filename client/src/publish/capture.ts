import { captureReason, type PublishReason } from './publish-reason.ts';

/** What is asked for; browsers give what the device has next to it. */
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 60 } } as const satisfies MediaTrackConstraints;
const SCREEN = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 30, max: 30 } } as const satisfies MediaTrackConstraints;
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true } as const satisfies MediaTrackConstraints;

/** What a picture is taken from. */
export type CaptureKind = 'camera' | 'screen';

/** A device that can be chosen. */
export interface CaptureDevice {
  readonly id: string;
  /** Empty until the page was let in. */
  readonly label: string;
}

export interface CaptureDevices {
  readonly cameras: readonly CaptureDevice[];
  readonly microphones: readonly CaptureDevice[];
}

/** Why there is no picture or sound. */
export class CaptureFailure extends Error {
  readonly reason: PublishReason;

  constructor(reason: PublishReason) {
    super(reason.code);
    this.name = 'CaptureFailure';
    this.reason = reason;
  }
}

export interface CaptureEvents {
  /** Devices came, went or got their names. */
  devices(devices: CaptureDevices): void;
  /** A track ended by itself: a cable was pulled, a person ended the sharing of a screen. */
  lost(what: CaptureKind | 'microphone'): void;
}

/** The picture and sound of this machine: one picture, and sound where it is wanted. */
export class Capture {
  readonly #events: CaptureEvents;
  #kind: CaptureKind = 'camera';
  #video: MediaStreamTrack | undefined;
  #audio: MediaStreamTrack | undefined;
  #request = 0;

  constructor(events: CaptureEvents) {
    this.#events = events;
  }

  get kind(): CaptureKind {
    return this.#kind;
  }

  get video(): MediaStreamTrack | undefined {
    return this.#video;
  }

  get audio(): MediaStreamTrack | undefined {
    return this.#audio;
  }

  /** Whether browsers of this kind can share screens at all; telephones can't. */
  get canShareScreen(): boolean {
    return devicesOf() !== undefined && 'getDisplayMedia' in navigator.mediaDevices;
  }

  /** Tells of devices, now and whenever they change, until `unwatch`. */
  watch(): void {
    devicesOf()?.addEventListener('devicechange', this.#list);
    void this.#list();
  }

  unwatch(): void {
    devicesOf()?.removeEventListener('devicechange', this.#list);
  }

  /**
   * Opens a camera or asks for a screen; what was open before is closed when the new picture is there.
   * @param deviceId left out, the browser's choice
   * @returns undefined where `close` or another call came in between
   * @throws CaptureFailure
   */
  async openVideo(kind: CaptureKind, deviceId?: string): Promise<MediaStreamTrack | undefined> {
    const request = ++this.#request;
    const track = await this.#ask(kind, deviceId);
    if (request !== this.#request) {
      track.stop();
      return undefined;
    }
    this.#closeVideo();
    this.#kind = kind;
    this.#video = track;
    // Encoders keep what this names when they can't keep everything.
    track.contentHint = kind === 'screen' ? 'detail' : 'motion';
    track.onended = () => track === this.#video && this.#events.lost(kind);
    void this.#list();
    return track;
  }

  /** @throws CaptureFailure */
  async openMicrophone(deviceId?: string): Promise<MediaStreamTrack> {
    const stream = await devicesOrThrow()
      .getUserMedia({ audio: { ...SOUND, ...exactly(deviceId) } })
      .catch((error: unknown) => {
        throw new CaptureFailure(captureReason(error, 'microphone'));
      });
    const track = stream.getAudioTracks()[0]!;
    this.closeMicrophone();
    this.#audio = track;
    track.onended = () => track === this.#audio && this.#events.lost('microphone');
    void this.#list();
    return track;
  }

  /** Idempotent. */
  closeMicrophone(): void {
    this.#audio?.stop();
    this.#audio = undefined;
  }

  /** Lets go of all devices. Idempotent. */
  close(): void {
    this.#request += 1;
    this.#closeVideo();
    this.closeMicrophone();
  }

  async #ask(kind: CaptureKind, deviceId: string | undefined): Promise<MediaStreamTrack> {
    const devices = devicesOrThrow();
    if (kind === 'screen' && !this.canShareScreen) throw new CaptureFailure({ code: 'no-screen' });
    const open = (): Promise<MediaStream> =>
      kind === 'screen' ? devices.getDisplayMedia({ video: SCREEN, audio: false }) : devices.getUserMedia({ video: { ...VIDEO, ...exactly(deviceId) } });
    try {
      return (await open()).getVideoTracks()[0]!;
    } catch (error) {
      // Some systems open one camera at a time: ours may be what is in the way.
      if (captureReason(error, kind).code !== 'in-use' || this.#video === undefined) throw new CaptureFailure(captureReason(error, kind));
      this.#closeVideo();
    }
    const stream = await open().catch((error: unknown) => {
      throw new CaptureFailure(captureReason(error, kind));
    });
    return stream.getVideoTracks()[0]!;
  }

  #closeVideo(): void {
    this.#video?.stop();
    this.#video = undefined;
  }

  readonly #list = async (): Promise<void> => {
    const all = (await devicesOf()?.enumerateDevices().catch(() => [])) ?? [];
    const of = (wanted: MediaDeviceKind): CaptureDevice[] => all.filter(({ kind }) => kind === wanted).map(({ deviceId: id, label }) => ({ id, label }));
    this.#events.devices({ cameras: of('videoinput'), microphones: of('audioinput') });
  };
}

function exactly(deviceId: string | undefined): MediaTrackConstraints {
  return deviceId === undefined || deviceId === '' ? {} : { deviceId: { exact: deviceId } };
}

/** Pages that are not secure have none (Secure Contexts §7). */
function devicesOf(): MediaDevices | undefined {
  return (navigator as Partial<Navigator>).mediaDevices;
}

function devicesOrThrow(): MediaDevices {
  const devices = devicesOf();
  if (devices === undefined) throw new CaptureFailure({ code: isSecureContext ? 'no-device' : 'insecure' });
  return devices;
}

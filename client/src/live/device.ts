import { detectDevice, Device, type types } from 'mediasoup-client';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Chrome74 } from 'mediasoup-client/handlers/Chrome74';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import { Safari12 } from 'mediasoup-client/handlers/Safari12';

const HANDLERS: Partial<Record<types.BuiltinHandlerName, { createFactory(options: object): types.HandlerFactory }>> = { Chrome111, Chrome74, Firefox120, Safari12 };

/** Undefined before it is needed, and where mediasoup-client does not know the browser. */
let factory: types.HandlerFactory | undefined;

/**
 * Finds out what this browser can decode, while the connection to the server is being made: that takes two peer connections that are thrown
 * away, the first of which starts the browser's WebRTC.
 */
export function prepareDevice(): void {
  factory ??= handlerFactory();
  // Failures are those of `loadDevice`, which asks again.
  for (const direction of ['recvonly', 'sendonly'] as const) factory?.getNativeRtpCapabilities({ direction }).catch(() => undefined);
}

/**
 * @param routerRtpCapabilities what the server forwards
 * @throws Error where the browser has no WebRTC, or none that is known
 */
export async function loadDevice(routerRtpCapabilities: types.RtpCapabilities): Promise<Device> {
  factory ??= handlerFactory();
  const device = new Device(factory === undefined ? {} : { handlerFactory: factory });
  await device.load({ routerRtpCapabilities });
  return device;
}

/** The browser's own, which it asks for its capabilities only once a page. */
function handlerFactory(): types.HandlerFactory | undefined {
  const name = detectDevice();
  const own = name === undefined ? undefined : HANDLERS[name]?.createFactory({});
  if (own === undefined) return undefined;
  const known = new Map<string, Promise<types.RtpCapabilities>>();
  const getNativeRtpCapabilities: types.HandlerFactory['getNativeRtpCapabilities'] = (options) => {
    const { direction } = options;
    const answer = known.get(direction) ?? own.getNativeRtpCapabilities(options);
    known.set(direction, answer);
    answer.catch(() => known.delete(direction));
    return answer;
  };
  return { ...own, getNativeRtpCapabilities };
}

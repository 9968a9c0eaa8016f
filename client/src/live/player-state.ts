import type { StreamState } from '../../../src/signaling/protocol.ts';
import type { Phase, StreamCondition } from './live-watch.ts';

/** What a player shows: where the stream stands, or where the way to it does. */
export type PlayerState = StreamState | 'reconnecting' | 'blocked' | 'gone' | 'unsupported' | 'forbidden';

/** The picture on screen: none yet, one from before the way to the stream broke, or one that has come by it. */
export type Picture = 'none' | 'old' | 'fresh';

/** One state out of two, of the stream and of the way to it: what a person has to know of either. */
export function playerState(phase: Phase, stream: StreamState, picture: Picture): PlayerState {
  const coming = picture === 'none' ? 'connecting' : 'reconnecting';
  switch (phase) {
    case 'gone':
    case 'unsupported':
    case 'forbidden':
      return phase;
    case 'connecting':
      // Why there is no picture is known before there is a way for one.
      return stream === 'live' ? coming : stream;
    case 'blocked':
      // What ails the source is mended first: then there is something that can be blocked.
      return stream === 'failed' || stream === 'stopped' ? stream : phase;
    case 'reconnecting':
      return coming;
    case 'connected':
      return stream === 'live' && picture !== 'fresh' ? coming : stream;
  }
}

/**
 * Whole seconds until the source is tried again; undefined where that is not known or not to come.
 * @param at milliseconds since the epoch, on the server's clock
 */
export function secondsToRetry({ state, retryAt }: Pick<StreamCondition, 'state' | 'retryAt'>, at: number): number | undefined {
  if (retryAt === undefined || (state !== 'retrying' && state !== 'failed')) return undefined;
  const seconds = Math.ceil((retryAt - at) / 1000);
  return seconds > 0 ? seconds : undefined;
}

import type { OverlayLanguage } from './options.ts';

/** Why a stream has no picture of its own right now. */
export interface SlateReason {
  readonly state: 'connecting' | 'stalled' | 'retrying' | 'failed';
  /** Code of the problem that goes with the state. */
  readonly code?: string | undefined;
  /** When the next attempt starts: milliseconds since the epoch. */
  readonly retryAt?: number | undefined;
}

/** Parts of a sentence about a source, in one language. */
interface Wording {
  readonly lost: string;
  lostSince(time: string): string;
  readonly waiting: string;
  readonly connecting: string;
  again(seconds: number): string;
  /** Between two parts that share a line. */
  readonly comma: string;
}

const WORDINGS: Record<Exclude<OverlayLanguage, 'both'>, Wording> = {
  en: {
    lost: 'No signal',
    lostSince: (time) => `No signal since ${time}`,
    waiting: 'Waiting for a publisher',
    connecting: 'Connecting …',
    again: (seconds) => `Trying again in ${seconds} s`,
    comma: ', ',
  },
  'zh-CN': {
    lost: '无信号',
    lostSince: (time) => `${time} 起无信号`,
    waiting: '正在等待推流',
    connecting: '正在连接…',
    again: (seconds) => `${seconds} 秒后重试`,
    comma: '，',
  },
};

/**
 * What a slate says, line by line: what is the matter, and what comes next. Two languages share the room: the second has one line.
 *
 * @param since when the last frame was captured; undefined: there never was one
 * @param at the time now; all in milliseconds since the epoch
 */
export function slateLines({ state, code, retryAt }: SlateReason, since: number | undefined, at: number, language: OverlayLanguage): string[] {
  const seconds = retryAt === undefined ? 0 : Math.ceil((retryAt - at) / 1000);
  const say = (wording: Wording): string[] => {
    const matter = since !== undefined ? wording.lostSince(timeOf(since, at)) : state === 'connecting' ? undefined : wording.lost;
    const next = code === 'source-waiting' ? wording.waiting : seconds > 0 ? wording.again(seconds) : state === 'stalled' ? undefined : wording.connecting;
    return [matter, next].filter((part) => part !== undefined);
  };
  if (language !== 'both') return say(WORDINGS[language]);
  const chinese = WORDINGS['zh-CN'];
  return [...say(WORDINGS.en), say(chinese).join(chinese.comma)];
}

/** The local time of day, with the date where that is another one. */
function timeOf(time: number, at: number): string {
  const [date, clock] = localTime(time);
  return date === localTime(at)[0] ? clock : `${date} ${clock}`;
}

function localTime(time: number): [date: string, clock: string] {
  const local = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return [
    `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`,
    `${two(local.getHours())}:${two(local.getMinutes())}:${two(local.getSeconds())}`,
  ];
}

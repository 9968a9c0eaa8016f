import { Agent, request as plain, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secure } from 'node:https';
import type { Logger } from 'pino';
import { publicAddress } from '../../source/address.ts';
import { authorize } from '../../source/http-auth.ts';
import { ReachGuard } from '../../source/reach.ts';
import { SourceError } from '../../source/source.ts';
import type { Endpoint } from './endpoint.ts';
import { inFormat } from './picture-format.ts';
import type { Pool } from './pool.ts';
import type { PoolProblem } from './ports.ts';
import { HttpResult, LIMITS, type FrameChoice, type FrameHeader, type SeenObject } from './wire.ts';
import type { OfferedFrame, Worker } from './worker.ts';
import { sentence, wrongFields } from './wrong-fields.ts';

/** Milliseconds until an endpoint that gave no answer is tried again: the first time, and at most. */
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 10_000;

/** Why an endpoint's answer is of no use; its message is for the person who named the endpoint. */
class EndpointError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * A detector that is asked by HTTP: each frame is POSTed, the answer holds what is seen on it. Its pool has it as its one worker while
 * it answers. One that does not is left alone for a while, longer each time.
 */
export class HttpWorker implements Worker {
  readonly choice: FrameChoice;
  readonly credits: number;
  readonly fps = undefined;
  readonly #url: URL;
  readonly #pool: Pool;
  readonly #logger: Logger;
  readonly #guard: ReachGuard;
  readonly #agent: Agent;
  readonly #abort = new AbortController();
  #authorization: string | undefined;
  #retryMs = RETRY_FIRST_MS;
  /** Runs while it is left alone. */
  #timer: NodeJS.Timeout | undefined;

  constructor({ url, choice: { credits, ...choice } }: Extract<Endpoint, { kind: 'http' }>, pool: Pool, logger: Logger) {
    this.#url = new URL(url);
    this.choice = choice;
    this.credits = credits;
    this.#pool = pool;
    this.#logger = logger;
    this.#guard = new ReachGuard(this.#url.hostname);
    const options = { keepAlive: true, maxSockets: credits };
    this.#agent = this.#url.protocol === 'https:' ? new SecureAgent(options) : new Agent(options);
    pool.join(this);
  }

  async look(frame: OfferedFrame): Promise<SeenObject[]> {
    try {
      const seen = await this.#ask(frame);
      this.#retryMs = RETRY_FIRST_MS;
      this.#pool.trouble(undefined);
      return seen;
    } catch (error) {
      this.#rest(asProblem(error, this.#url));
      throw error;
    }
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#agent.destroy();
    this.#pool.leave(this);
  }

  /** Takes no frame for a while. */
  #rest(problem: PoolProblem): void {
    if (this.#abort.signal.aborted || this.#timer !== undefined) return;
    this.#logger.warn({ endpoint: publicAddress(this.#url), code: problem.code, waitMs: this.#retryMs }, problem.message);
    this.#pool.trouble(problem);
    this.#pool.leave(this);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pool.join(this);
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MOST_MS);
  }

  async #ask(frame: OfferedFrame): Promise<SeenObject[]> {
    const { picture: _picture, ...id } = frame;
    const { format } = this.choice;
    const picture = await inFormat(frame, this.choice);
    const header: FrameHeader = { type: 'frame', ...id, format };
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(LIMITS.frameMs)]);
    let answer = await this.#post(picture, header, signal);
    if (answer.statusCode === 401 && this.#authorize(answer)) answer = await this.#post(picture, header, signal);
    const { statusCode = 0 } = answer;
    if (statusCode !== 200) {
      answer.resume();
      throw new EndpointError('endpoint-status', `${publicAddress(this.#url)} answers with status ${statusCode}${statusCode >= 300 && statusCode < 400 ? '; redirects are not followed' : ''}.`);
    }
    return readResult(await readBody(answer), this.#url);
  }

  /** Answers a challenge, if the address holds credentials. */
  #authorize(answer: IncomingMessage): boolean {
    this.#authorization = authorize(this.#url, answer.headersDistinct['www-authenticate'] ?? [], 'POST');
    if (this.#authorization === undefined) return false;
    answer.resume();
    return true;
  }

  async #post(picture: Buffer, header: FrameHeader, signal: AbortSignal): Promise<IncomingMessage> {
    const { address, family } = await this.#guard.resolve(this.#url.hostname);
    const bare = new URL(this.#url);
    bare.username = bare.password = '';
    return new Promise((resolve, reject) => {
      const sent = (bare.protocol === 'https:' ? secure : plain)(bare, {
        method: 'POST',
        agent: this.#agent,
        signal,
        // A name can't change its meaning between the check and the connection.
        lookup: (_host, { all }, done) => (all === true ? done(null, [{ address, family }]) : done(null, address, family)),
        headers: {
          accept: 'application/json',
          'content-type': header.format === 'jpeg' ? 'image/jpeg' : 'application/octet-stream',
          'content-length': picture.length,
          'framelock-frame': asciiJson(header),
          'user-agent': 'Framelock',
          ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
        },
      });
      sent.once('response', resolve);
      sent.once('error', reject);
      sent.end(picture);
    });
  }
}

/** Header fields are ASCII. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** @throws EndpointError where it is too long */
async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LIMITS.messageBytes) throw new EndpointError('endpoint-answer', `The answer is longer than ${LIMITS.messageBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** @throws EndpointError that names the wrong field */
function readResult(body: string, url: URL): SeenObject[] {
  let raw: unknown;
  try {
    raw = JSON.parse(body);
  } catch (cause) {
    throw new EndpointError('endpoint-answer', `${publicAddress(url)} answers with what is no JSON.`, { cause });
  }
  const parsed = HttpResult.safeParse(raw);
  if (parsed.success) return parsed.data.detections;
  throw new EndpointError('endpoint-answer', `The answer of ${publicAddress(url)} is not usable: ${sentence(wrongFields(parsed.error))}`);
}

function asProblem(error: unknown, url: URL): PoolProblem {
  if (error instanceof EndpointError) return { code: error.code, message: error.message };
  if (error instanceof SourceError) return { code: 'endpoint-away', message: error.message };
  const { name, code, message } = error as NodeJS.ErrnoException;
  // An endpoint that is closed is not asked for its problem; what else ends a request is its time limit.
  if (name === 'AbortError') return { code: 'endpoint-timeout', message: `${publicAddress(url)} gave no answer within ${LIMITS.frameMs / 1000} s.` };
  return { code: 'endpoint-away', message: `${publicAddress(url)} can’t be reached: ${code ?? message}.` };
}

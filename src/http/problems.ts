import type { ProblemInfo, RouteInfo } from './route.ts';

export const STREAM_NOT_FOUND: ProblemInfo = { status: 404, code: 'stream-not-found', when: 'There is no such stream.' };

/** What body parsers refuse, by what they call it with dashes for dots. */
export const BODY_PROBLEMS: readonly ProblemInfo[] = [
  { status: 400, code: 'entity-parse-failed', when: 'The body is not valid JSON.' },
  { status: 413, code: 'entity-too-large', when: 'The body is larger than this server takes.' },
  { status: 415, code: 'encoding-unsupported', when: 'The encoding of the body is not supported.' },
  { status: 415, code: 'charset-unsupported', when: 'The character set of the body is not supported; send UTF-8.' },
  { status: 400, code: 'request-aborted', when: 'The request ended before its body did.' },
  { status: 400, code: 'request-size-invalid', when: 'The body is not as long as its header says.' },
];

const NOT_VALID: ProblemInfo = { status: 400, code: 'invalid-request', when: 'A value is wrong; errors name each. Nothing was changed.' };
const BAD_ADDRESS: ProblemInfo = { status: 400, code: 'invalid-address', when: 'The address of the request can’t be decoded.' };
const OTHER_TYPE: ProblemInfo = { status: 415, code: 'unsupported-media-type', when: 'The body has another media type.' };
const OTHER_HOST: ProblemInfo = { status: 403, code: 'host-not-allowed', when: 'The server can’t be used by this name without a token.' };

/** What the gate refuses where a route is not public. */
const GATE: readonly ProblemInfo[] = [
  { status: 401, code: 'token-missing', when: 'A token is needed.' },
  { status: 401, code: 'token-wrong', when: 'The token is wrong.' },
  { status: 403, code: 'origin-not-allowed', when: 'Pages of this origin may not use the server.' },
];

/** Every refusal of a route but for 500: its own, and those that follow from what it takes. */
export function problemsOf({ path, action, query, body, problems = [] }: Pick<RouteInfo, 'path' | 'action' | 'query' | 'body' | 'problems'>): readonly ProblemInfo[] {
  return [
    ...problems,
    ...(query === undefined && body?.kind !== 'json' ? [] : [NOT_VALID]),
    ...(path.includes(':') ? [BAD_ADDRESS] : []),
    ...(body === undefined ? [] : [OTHER_TYPE, ...BODY_PROBLEMS.filter(({ code }) => body.kind === 'json' || code !== 'entity-parse-failed')]),
    ...(action === 'public' ? [] : GATE),
    OTHER_HOST,
  ];
}

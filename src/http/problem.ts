import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { FieldError } from '../util/refusal.ts';

export type { FieldError };

/** The fields of a {@link ProblemError}. */
export interface ProblemInit {
  /** HTTP status, 400…599. */
  readonly status: number;
  /** Names the kind of problem, the same at each occurrence; left out, the phrase of the status. */
  readonly title?: string;
  /** What happened this time and what can be done. Public: no credentials, no stack trace. */
  readonly detail: string;
  /** Stable name for programs, in kebab-case; left out if the status says everything. */
  readonly code?: string;
  readonly errors?: readonly FieldError[];
  /** Headers of the answer, such as `Allow` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Kept for the log, never shown. */
  readonly cause?: unknown;
}

/** The body of an `application/problem+json` answer (RFC 9457). */
export const ProblemDocument = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string().optional(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export type ProblemDocument = Readonly<z.infer<typeof ProblemDocument>>;

/** The media type of problems (RFC 9457 §6.1). */
export const PROBLEM_TYPE = 'application/problem+json';

/** Why a request can't be answered. Thrown by routes; the error handler converts it to an answer. */
export class ProblemError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor({ status, title, detail, code, errors, headers, cause }: ProblemInit) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = 'ProblemError';
    this.status = status;
    this.title = title ?? STATUS_CODES[status] ?? 'Error';
    this.detail = detail;
    this.code = code;
    this.errors = errors;
    this.headers = headers ?? {};
  }

  /** The answer's body. */
  toJSON(): ProblemDocument {
    return {
      type: this.code === undefined ? 'about:blank' : `urn:framelock:problem:${this.code}`,
      title: this.title,
      status: this.status,
      detail: this.detail,
      ...(this.code === undefined ? {} : { code: this.code }),
      ...(this.errors === undefined ? {} : { errors: [...this.errors] }),
    };
  }
}

/** 400 for bad input, with the path of each wrong value. */
export function badRequest(errors: readonly FieldError[]): ProblemError {
  const first = errors[0];
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new ProblemError({
    status: 400,
    title: 'The request is not valid',
    detail: first === undefined ? 'The request is not valid.' : `${where}${first.message}${more}`,
    code: 'invalid-request',
    errors,
  });
}

/** 404 for something that a request names. */
export function notFound(detail: string, code = 'not-found'): ProblemError {
  return new ProblemError({ status: 404, detail, code });
}

/** 409 for what the current state does not allow. */
export function conflict(detail: string, code = 'conflict'): ProblemError {
  return new ProblemError({ status: 409, detail, code });
}

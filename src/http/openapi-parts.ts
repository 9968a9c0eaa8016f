/** A piece of JSON. */
export type Json = Record<string, unknown>;

/** Descriptions of statuses or headers. */
type Words = Readonly<Record<string, string>>;

/** One answer of an operation. */
export interface AnswerInit {
  /** Left out, the summary of the operation. */
  readonly description?: string;
  /** Schema of the body; left out, there is none. */
  readonly schema?: Json;
  /** Media type of the body. */
  readonly type?: string;
  /** Headers that matter, each with what it says. */
  readonly headers?: Words;
}

export interface OperationInit {
  /** Names of parameters in the path. */
  readonly path?: readonly string[];
  /** Schemas of parameters of the query; those with `required` among their fields have to be there. */
  readonly query?: Readonly<Record<string, Json & { readonly required?: true }>>;
  /** Headers that may be sent, each with what it does. */
  readonly headers?: Words;
  readonly body?: { readonly schema: Json; readonly type?: string };
  /** Answers of success by status. */
  readonly answers: Readonly<Record<string, AnswerInit>>;
  /** What is refused, by status: problems (RFC 9457). */
  readonly problems?: Words;
}

const STRING: Json = { type: 'string' };

export function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** One operation of an OpenAPI document: what it does, what it takes, what it answers. */
export function operation(summary: string, { path = [], query = {}, headers = {}, body, answers, problems = {} }: OperationInit): Json {
  const parameters = [
    ...path.map((name) => ({ name, in: 'path', required: true, schema: STRING })),
    ...Object.entries(query).map(([name, { required = false, ...schema }]) => ({ name, in: 'query', required, schema })),
    ...Object.entries(headers).map(([name, description]) => ({ name, in: 'header', required: false, description, schema: STRING })),
  ];
  const problemType = { 'application/problem+json': { schema: ref('Problem') } };
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: { [body.type ?? 'application/json']: { schema: body.schema } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(summary, answer)])),
      ...Object.fromEntries(Object.entries(problems).map(([status, description]) => [status, { description, content: problemType }])),
      default: { description: 'A problem (RFC 9457).', content: problemType },
    },
  };
}

function answerOf(summary: string, { description = summary, schema, type = 'application/json', headers = {} }: AnswerInit): Json {
  const named = Object.entries(headers).map(([name, said]) => [name, { description: said, schema: STRING }]);
  return {
    description,
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) as Json }),
    ...(schema === undefined ? {} : { content: { [type]: { schema } } }),
  };
}

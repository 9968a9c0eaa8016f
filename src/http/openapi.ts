import { z } from 'zod';
import { DetectorChanges, DetectorDefinition, StreamChanges, StreamDefinition } from '../config/stream-definition.ts';
import { SceneEvent } from '../pipeline/analytics/events.ts';
import { AnnotationMessage } from '../pipeline/annotation.ts';
import { CountsView } from '../streams/counts-view.ts';
import { StreamView } from '../streams/view.ts';

type Json = Record<string, unknown>;

/** The part of an OpenAPI document (3.1) that this server fills in. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: Json;
}

const Detector = z.strictObject({ ...DetectorDefinition.shape, origin: z.enum(['config', 'api', 'model']) });

const Model = z.strictObject({
  name: z.string(),
  origin: z.string(),
  state: z.enum(['ready', 'not-downloaded', 'downloading', 'broken']),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  title: z.string().optional(),
  licence: z.string().optional(),
  source: z.string().optional(),
  family: z.string().optional(),
  labels: z.array(z.string()).optional(),
  input: z.strictObject({ width: z.number(), height: z.number() }).optional(),
  assumed: z.array(z.string()).optional(),
});

const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string().optional(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});

const SCHEMAS = {
  Stream: [StreamView, 'output'],
  StreamDefinition: [StreamDefinition, 'input'],
  StreamChanges: [StreamChanges, 'input'],
  Detector: [Detector, 'output'],
  DetectorDefinition: [DetectorDefinition, 'input'],
  DetectorChanges: [DetectorChanges, 'input'],
  Model: [Model, 'output'],
  AnnotationMessage: [AnnotationMessage, 'output'],
  SceneEvent: [SceneEvent, 'output'],
  Counts: [CountsView, 'output'],
  Problem: [Problem, 'output'],
} as const;

type Name = keyof typeof SCHEMAS;

function schemas(): Json {
  return Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, [schema, io]]) => {
      const { $schema: _$schema, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
      return [name, json];
    }),
  );
}

function ref(name: Name): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

const problem = { description: 'A problem (RFC 9457).', content: { 'application/problem+json': { schema: ref('Problem') } } };

/** One operation: what it does, what it takes, what it answers. */
function operation(summary: string, parts: { path?: string[]; query?: string[]; options?: string[]; body?: Name; status?: string; answer?: Json; type?: string }): Json {
  const { path = [], query = [], options = [], body, status = '200', answer, type = 'application/json' } = parts;
  const parameter = (place: string, required = true) => (name: string) => ({ name, in: place, required, schema: { type: 'string' } });
  const parameters = [...path.map(parameter('path')), ...query.map(parameter('query')), ...options.map(parameter('query', false))];
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(ref(body)) } }),
    responses: {
      [status]: { description: summary, ...(answer === undefined ? {} : { content: { [type]: { schema: answer } } }) },
      default: problem,
    },
  };
}

const list = (name: Name): Json => ({ type: 'array', items: ref(name) });
const text: Json = { type: 'string' };
const events = { answer: text, type: 'text/event-stream' };

/** The HTTP API, machine-readable; schemas are those that requests are checked with. */
export function openApi(version: string): OpenApi {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Framelock',
      version,
      description: 'Live video that carries what algorithms saw in it, on the very frame they saw it in.',
    },
    paths: {
      '/api/streams': {
        get: operation('All streams.', { answer: list('Stream') }),
        post: operation('Adds a stream, which is kept.', { body: 'StreamDefinition', status: '201', answer: ref('Stream') }),
      },
      '/api/streams/{id}': {
        get: operation('One stream.', { path: ['id'], answer: ref('Stream') }),
        patch: operation('Changes a stream; nothing else is restarted.', { path: ['id'], body: 'StreamChanges', answer: ref('Stream') }),
        delete: operation('Removes a stream.', { path: ['id'], status: '204' }),
      },
      '/api/streams/{id}/retry': { post: operation('Tries the source again now.', { path: ['id'], status: '202', answer: ref('Stream') }) },
      '/api/streams/{id}/truth': {
        get: operation('The true boxes of a frame of a generated scene.', { path: ['id'], query: ['seq'], answer: ref('AnnotationMessage') }),
      },
      '/api/streams/{id}/counts': {
        get: operation('What zones and lines have counted, in buckets of time.', { path: ['id'], options: ['from', 'to', 'bucket'], answer: ref('Counts') }),
        delete: operation('Forgets what zones and lines have counted.', { path: ['id'], status: '204' }),
      },
      '/api/detectors': {
        get: operation('All detectors.', { answer: list('Detector') }),
        post: operation('Adds a detector, which is kept.', { body: 'DetectorDefinition', status: '201', answer: ref('Detector') }),
      },
      '/api/detectors/{name}': {
        get: operation('One detector.', { path: ['name'], answer: ref('Detector') }),
        patch: operation('Changes a detector on every stream that names it.', { path: ['name'], body: 'DetectorChanges', answer: ref('Detector') }),
        delete: operation('Removes a detector that no stream names.', { path: ['name'], status: '204' }),
      },
      '/api/models': { get: operation('All models.', { answer: list('Model') }) },
      '/api/events': { get: operation('What changes, as server-sent events.', events) },
      '/live/{id}/annotations': { get: operation('Annotation messages, as server-sent events.', { path: ['id'], ...events }) },
      '/healthz': { get: operation('The process is up.', { answer: { type: 'object' } }) },
      '/readyz': { get: operation('The server can serve; 503 says what is missing.', { answer: { type: 'object' } }) },
      '/metrics': { get: operation('Measurements for Prometheus.', { answer: text, type: 'text/plain' }) },
    },
    components: {
      schemas: schemas(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

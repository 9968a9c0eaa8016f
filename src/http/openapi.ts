import { z } from 'zod';
import { DetectorChanges, DetectorDefinition, StreamChanges, StreamDefinition } from '../config/stream-definition.ts';
import type { SettingMeta } from '../config/walk.ts';
import { SceneEvent } from '../pipeline/analytics/events.ts';
import { AnnotationMessage } from '../pipeline/annotation.ts';
import { CountsView } from '../streams/counts-view.ts';
import { DevicesView } from '../streams/devices.ts';
import { PassedOver } from '../pipeline/detect/loaded-model.ts';
import { ExternalStats } from '../pipeline/detect/external/external-events.ts';
import { StreamView } from '../streams/view.ts';
import { operation, ref, type AnswerInit, type Json } from './openapi-parts.ts';
import { sessionPaths } from './openapi-sessions.ts';

/** The part of an OpenAPI document (3.1) that this server fills in. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: Json;
}

const { token: _token, ...detectorShape } = DetectorDefinition.shape;

const Detector = z.strictObject({
  ...detectorShape,
  origin: z.enum(['config', 'api', 'model']),
  /** Of one that runs outside of the server. */
  stats: ExternalStats.omit({ detector: true }).optional(),
  /** Of a model that is loaded: the execution provider that runs it, and those that don't. */
  runs: z.strictObject({ provider: z.string(), passedOver: z.array(PassedOver) }).optional(),
});

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
  Devices: [DevicesView, 'output'],
  AnnotationMessage: [AnnotationMessage, 'output'],
  SceneEvent: [SceneEvent, 'output'],
  Counts: [CountsView, 'output'],
  Problem: [Problem, 'output'],
} as const;

function schemas(): Json {
  return Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, [schema, io]]) => {
      const { $schema: _$schema, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: hideSecret });
      return [name, json];
    }),
  );
}

/** What is never shown can only be written. */
function hideSecret({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const { secret } = jsonSchema as SettingMeta;
  if (secret === true) jsonSchema.writeOnly = true;
}

const TEXT: Json = { type: 'string' };
const EVENTS: AnswerInit = { schema: TEXT, type: 'text/event-stream' };
const list = (name: keyof typeof SCHEMAS): Json => ({ type: 'array', items: ref(name) });
/** Answers with one body. */
const ok = (schema: Json): Record<string, AnswerInit> => ({ '200': { schema } });
const made = (schema: Json): Record<string, AnswerInit> => ({ '201': { schema, headers: { Location: 'Of what was made.' } } });
const gone: Record<string, AnswerInit> = { '204': {} };

const BAD = { '400': 'It is not valid; errors name each wrong value. Nothing was changed.' };
const NO_STREAM = { '404': 'There is no such stream.' };
const NO_DETECTOR = { '404': 'There is no such detector.' };

/** The HTTP API, machine-readable; schemas are those that requests are checked with. */
export function openApi(version: string): OpenApi {
  const stream = { path: ['id'], problems: NO_STREAM };
  const detector = { path: ['name'], problems: NO_DETECTOR };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Framelock',
      version,
      description: 'Live video that carries what algorithms saw in it, on the very frame they saw it in.',
    },
    security: [{ token: [] }, {}],
    paths: {
      '/api/streams': {
        get: operation('All streams.', { answers: ok(list('Stream')) }),
        post: operation('Adds a stream, which is kept.', {
          body: { schema: ref('StreamDefinition') },
          answers: made(ref('Stream')),
          problems: { ...BAD, '409': 'The id is taken.' },
        }),
      },
      '/api/streams/{id}': {
        get: operation('One stream.', { ...stream, answers: ok(ref('Stream')) }),
        patch: operation('Changes a stream; nothing else is restarted.', {
          path: ['id'],
          body: { schema: ref('StreamChanges') },
          answers: ok(ref('Stream')),
          problems: { ...BAD, ...NO_STREAM },
        }),
        delete: operation('Removes a stream.', { ...stream, answers: gone }),
      },
      '/api/streams/{id}/retry': { post: operation('Tries the source again now.', { ...stream, answers: { '202': { schema: ref('Stream') } } }) },
      '/api/streams/{id}/truth': {
        get: operation('The true boxes of a frame of a generated scene.', {
          path: ['id'],
          query: { seq: { type: 'integer', minimum: 0, required: true } },
          answers: ok(ref('AnnotationMessage')),
          problems: { ...BAD, '404': 'There is no such stream, it is no generated scene, or it knows no such frame any more.' },
        }),
      },
      '/api/streams/{id}/counts': {
        get: operation('What zones and lines have counted, in buckets of time.', {
          path: ['id'],
          query: { from: TEXT, to: TEXT, bucket: { type: 'string', enum: ['60s', '5m', '1h'], default: '60s' } },
          answers: ok(ref('Counts')),
          problems: { ...BAD, ...NO_STREAM },
        }),
        delete: operation('Forgets what zones and lines have counted.', { ...stream, answers: gone }),
      },
      '/api/detectors': {
        get: operation('All detectors.', { answers: ok(list('Detector')) }),
        post: operation('Adds a detector, which is kept.', {
          body: { schema: ref('DetectorDefinition') },
          answers: made(ref('Detector')),
          problems: { ...BAD, '409': 'The name is taken.' },
        }),
      },
      '/api/detectors/{name}': {
        get: operation('One detector.', { ...detector, answers: ok(ref('Detector')) }),
        patch: operation('Changes a detector on every stream that names it.', {
          path: ['name'],
          body: { schema: ref('DetectorChanges') },
          answers: ok(ref('Detector')),
          problems: { ...BAD, ...NO_DETECTOR, '409': 'It is the detector of a model, which is not changed.' },
        }),
        delete: operation('Removes a detector that no stream names.', {
          path: ['name'],
          answers: gone,
          problems: { ...NO_DETECTOR, '409': 'Streams name it, or it is the detector of a model.' },
        }),
      },
      '/api/models': { get: operation('All models.', { answers: ok(list('Model')) }) },
      '/api/devices': { get: operation('Cameras and screens of the server’s machine, with their addresses as sources.', { answers: ok(ref('Devices')) }) },
      '/api/events': {
        get: operation('What changes, as server-sent events.', { answers: { '200': EVENTS }, problems: { '503': 'There are too many such connections (limits.eventClients).' } }),
      },
      '/live/{id}/annotations': {
        get: operation('Annotation messages, as server-sent events.', {
          path: ['id'],
          answers: { '200': EVENTS },
          problems: { ...NO_STREAM, '503': 'There are too many such connections (limits.eventClients).' },
        }),
      },
      ...sessionPaths(),
      '/healthz': { get: operation('The process is up.', { answers: ok({ type: 'object' }) }) },
      '/readyz': {
        get: operation('The server can serve.', { answers: ok({ type: 'object' }), problems: { '503': 'errors name what is missing.' } }),
      },
      '/metrics': { get: operation('Measurements for Prometheus.', { answers: { '200': { schema: TEXT, type: 'text/plain' } } }) },
      '/openapi.json': { get: operation('This description.', { answers: ok({ type: 'object' }) }) },
      '/docs': { get: operation('This description for people.', { answers: { '200': { schema: TEXT, type: 'text/html' } } }) },
    },
    components: {
      schemas: schemas(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

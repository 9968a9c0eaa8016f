import { z } from 'zod';
import { StreamChanges, StreamDefinition } from '../../config/stream-definition.ts';
import { StreamId } from '../../config/stream-id.ts';
import { AnnotationMessage } from '../../pipeline/annotation.ts';
import type { StreamRegistry } from '../../streams/registry.ts';
import { StreamView } from '../../streams/view.ts';
import { json, nothing } from '../content.ts';
import { STREAM_NOT_FOUND } from '../problems.ts';
import { whole } from '../query.ts';
import { routesOf, type ProblemInfo } from '../route.ts';
import { named } from '../schemas.ts';

StreamView.register(named, { id: 'Stream', io: 'output' });
StreamDefinition.register(named, { id: 'StreamDefinition', io: 'input' });
StreamChanges.register(named, { id: 'StreamChanges', io: 'input' });
AnnotationMessage.register(named, { id: 'AnnotationMessage', io: 'output' });

const STREAM_EXISTS: ProblemInfo = { status: 409, code: 'stream-exists', when: 'The id is taken.' };
const TOO_MANY_STREAMS: ProblemInfo = { status: 409, code: 'too-many-streams', when: 'There are as many streams as limits.streams allows.' };
const NO_TRUTH: ProblemInfo = { status: 404, code: 'no-truth', when: 'It is no generated scene, or it knows no such frame any more.' };
const NOT_RUNNING: ProblemInfo = { status: 503, code: 'stream-unavailable', when: 'The stream does not run right now, or the server is ending.' };

export interface StreamDeps {
  readonly registry: StreamRegistry;
}

const route = routesOf<StreamDeps>('Streams');

/** What the routes of one stream have in common. */
export const ONE_STREAM = {
  params: { id: StreamId },
  /** @throws Refusal `stream-not-found` */
  find: ({ id }: { readonly id: string }, { registry }: StreamDeps): StreamView => registry.get(id),
};

export const streamRoutes = [
  route(
    {
      method: 'get',
      path: '/api/streams',
      action: 'view',
      summary: 'All streams.',
      answers: { 200: json(z.array(StreamView)) },
    },
    (_input, { registry }) => ({ status: 200, body: registry.list() }),
  ),

  route(
    {
      method: 'post',
      path: '/api/streams',
      action: 'configure',
      summary: 'Adds a stream, which is kept.',
      body: json(StreamDefinition),
      answers: { 201: json(StreamView, { headers: { Location: 'Of the stream.' } }) },
      problems: [STREAM_EXISTS, TOO_MANY_STREAMS, NOT_RUNNING],
    },
    async ({ body }, { registry }) => {
      const stream = await registry.add(body);
      return { status: 201, headers: { Location: `/api/streams/${stream.id}` }, body: stream };
    },
  ),

  route(
    {
      method: 'get',
      path: '/api/streams/:id',
      action: 'view',
      summary: 'One stream.',
      ...ONE_STREAM,
      answers: { 200: json(StreamView) },
      problems: [STREAM_NOT_FOUND],
    },
    ({ found }) => ({ status: 200, body: found }),
  ),

  route(
    {
      method: 'patch',
      path: '/api/streams/:id',
      action: 'configure',
      summary: 'Changes a stream; nothing else is restarted. A field left out stays, null takes it back to its default.',
      ...ONE_STREAM,
      body: json(StreamChanges),
      answers: { 200: json(StreamView) },
      problems: [STREAM_NOT_FOUND, NOT_RUNNING],
    },
    async ({ params: { id }, body }, { registry }) => ({ status: 200, body: await registry.change(id, body) }),
  ),

  route(
    {
      method: 'delete',
      path: '/api/streams/:id',
      action: 'configure',
      summary: 'Removes a stream; its process is gone then.',
      ...ONE_STREAM,
      answers: { 204: nothing() },
      problems: [STREAM_NOT_FOUND],
    },
    async ({ params: { id } }, { registry }) => {
      await registry.remove(id);
      return { status: 204 };
    },
  ),

  route(
    {
      method: 'post',
      path: '/api/streams/:id/retry',
      action: 'configure',
      summary: 'Tries the source again now; plays an ended file again.',
      ...ONE_STREAM,
      answers: { 202: json(StreamView) },
      problems: [STREAM_NOT_FOUND],
    },
    ({ params: { id } }, { registry }) => ({ status: 202, body: registry.retry(id) }),
  ),

  route(
    {
      method: 'get',
      path: '/api/streams/:id/truth',
      action: 'view',
      summary: 'The true boxes of a frame of a generated scene.',
      ...ONE_STREAM,
      query: z.object({ seq: whole(0, 0xffff_ffff) }),
      answers: { 200: json(AnnotationMessage) },
      problems: [STREAM_NOT_FOUND, NO_TRUTH, NOT_RUNNING],
    },
    async ({ params: { id }, query: { seq } }, { registry }) => ({ status: 200, body: await registry.truth(id, seq) }),
  ),
];

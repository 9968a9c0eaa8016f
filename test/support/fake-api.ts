import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import { WebSocketServer } from 'ws';
import type { DetectorView, ModelView } from '../../client/src/api/api.ts';
import { DetectorChanges, StreamChanges, StreamDefinition } from '../../src/config/stream-definition.ts';
import { checkedBody, jsonBody } from '../../src/http/body.ts';
import { EventStream } from '../../src/http/event-stream.ts';
import { securityHeaders } from '../../src/http/headers.ts';
import { conflict, notFound, ProblemError, PROBLEM_TYPE } from '../../src/http/problem.ts';
import { pageRoutes } from '../../src/http/routes/pages.ts';
import { H264_PARAMETERS } from '../../src/sfu/codecs.ts';
import { ClientMessage, PROTOCOL_VERSION, SIGNALING_PATH, type ServerMessage } from '../../src/signaling/protocol.ts';
import type { CountsView } from '../../src/streams/counts-view.ts';
import type { DevicesView } from '../../src/streams/devices.ts';
import type { StreamEvent, StreamView } from '../../src/streams/view.ts';
import { freePort } from './free-port.ts';
import { freshStream } from './fresh-stream.ts';

const DETECTORS: DetectorView[] = [
  ...['street-nano', 'yolox-nano', 'deimv2-atto'].map((name) => ({ name, model: name, origin: 'model' as const })),
  { name: 'trucks', model: 'yolox-nano', classes: ['truck', 'bus'], origin: 'api', late: 'carry' },
];
const NO_DEVICES: DevicesView = { cameras: [], screens: [] };
const MODELS: ModelView[] = [
  { name: 'street-nano', origin: 'bundled', state: 'ready', labels: ['person', 'car', 'bus', 'bicycle'] },
  { name: 'yolox-nano', origin: 'bundled', state: 'ready', labels: ['person', 'bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat', 'traffic light', 'fire hydrant'] },
  { name: 'deimv2-atto', origin: 'bundled', state: 'not-downloaded' },
];

/** A request that changes something, as it came. */
export interface FakeCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/**
 * Stands in for a server: its pages, API and events are real as far as a page can tell, its streams are what a test says they are. Its
 * signalling knows the states of streams and never gets as far as video.
 */
export class FakeApi implements AsyncDisposable {
  readonly calls: FakeCall[] = [];
  /** What is connected to the machine. */
  devices = NO_DEVICES;
  readonly #streams = new Map<string, StreamView>();
  readonly #events = new Set<EventStream>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #token: string | undefined;
  /** The same for life: a page finds it there again. */
  readonly #port: number;

  private constructor(clientDir: string, port: number, token: string | undefined, live: Router | undefined) {
    this.#port = port;
    this.#token = token;
    const app = express();
    app.use(securityHeaders);
    app.use('/api', this.#guard, jsonBody(65_536), this.#api());
    if (live !== undefined) app.use('/live', this.#guard, live);
    app.use(pageRoutes(clientDir), refuse);
    this.#server = createServer(app);
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#signaling();
  }

  /** @param clientDir what Vite built @param options with a `token`, it is asked for; `live` is what is below `/live` */
  static async start(clientDir: string, { token, live }: { token?: string; live?: Router } = {}): Promise<FakeApi> {
    const api = new FakeApi(clientDir, await freePort(), token, live);
    await api.comeBack();
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get(id: string): StreamView | undefined {
    return this.#streams.get(id);
  }

  /** Adds a stream or changes it, and tells everybody. */
  put(id: string, changes: Partial<StreamView> = {}): StreamView {
    const before = this.#streams.get(id);
    const stream = { ...(before ?? freshStream(id, this.#streams.size)), ...changes };
    this.#streams.set(id, stream);
    this.#tell({ type: before === undefined ? 'added' : 'changed', stream });
    return stream;
  }

  remove(id: string): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) throw notFound('There is no such stream.', 'stream-not-found');
    this.#streams.delete(id);
    this.#tell({ type: 'removed', stream });
  }

  /** Nothing listens any more, and what was connected is cut off. */
  async goAway(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** On the same port as before. */
  async comeBack(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.goAway();
  }

  readonly #guard: RequestHandler = ({ headers, query }, _response, next) => {
    const given = headers.authorization?.replace('Bearer ', '') ?? query['access_token'];
    if (this.#token !== undefined && given !== this.#token) throw new ProblemError({ status: 401, detail: 'A token is needed.', code: 'token-missing' });
    next();
  };

  #api(): express.Router {
    const router = express.Router();
    router.use(({ method, path, body }, _response, next) => {
      if (method !== 'GET') this.calls.push({ method, path, body });
      next();
    });
    router.get('/streams', (_request, response) => response.json([...this.#streams.values()]));
    router.get('/streams/:id', ({ params: { id } }, response) => {
      const stream = this.#streams.get(id);
      if (stream === undefined) throw notFound('There is no such stream.', 'stream-not-found');
      response.json(stream);
    });
    router.get('/streams/:id/counts', ({ params: { id } }, response) => {
      const stream = this.#streams.get(id);
      if (stream === undefined) throw notFound('There is no such stream.', 'stream-not-found');
      response.json(countsOf(stream));
    });
    router.post('/streams', (request, response) => {
      const { id, source, title, detectors, sync } = checkedBody(StreamDefinition, request);
      if (this.#streams.has(id)) throw conflict(`There is a stream “${id}” already.`, 'stream-exists');
      response.status(201).json(this.put(id, { title: title ?? id, source: { kind: 'demo', url: source }, detectors: detectors ?? ['street-nano'], sync }));
    });
    router.patch('/streams/:id', (request, response) => {
      const changes = checkedBody(StreamChanges, request);
      const before = this.#streams.get(request.params.id);
      if (before === undefined) throw notFound('There is no such stream.', 'stream-not-found');
      response.json(this.put(before.id, changed(before, changes)));
    });
    router.delete('/streams/:id', ({ params: { id } }, response) => {
      this.remove(id);
      response.status(204).end();
    });
    router.post('/streams/:id/retry', ({ params: { id } }, response) => response.status(202).json(this.put(id, { state: 'connecting' })));
    router.patch('/detectors/:name', (request, response) => response.json({ name: request.params.name, ...checkedBody(DetectorChanges, request) }));
    router.get('/devices', (_request, response) => response.json(this.devices));
    router.get('/detectors', (_request, response) => response.json(DETECTORS));
    router.get('/models', (_request, response) => response.json(MODELS));
    router.get('/events', (_request, response) => {
      const client = new EventStream(response);
      this.#events.add(client);
      client.onClose(() => this.#events.delete(client));
      client.send(JSON.stringify({ streams: [...this.#streams.values()] }), 'snapshot');
    });
    router.use(refuse);
    return router;
  }

  #tell(event: StreamEvent): void {
    for (const client of this.#events) client.send(JSON.stringify(event), 'stream');
  }

  #signaling(): void {
    const sockets = new WebSocketServer({ server: this.#server, path: SIGNALING_PATH });
    sockets.on('connection', (socket) => {
      const say = (message: ServerMessage): void => socket.send(JSON.stringify(message));
      socket.on('message', (data: Buffer) => {
        const message = ClientMessage.parse(JSON.parse(data.toString()));
        if (message.type === 'hello') say(welcome());
        else if (message.type === 'ping') say({ type: 'pong', sent: message.sent, serverTime: Date.now() });
        else if (message.type === 'watch') {
          const stream = this.#streams.get(message.stream);
          if (stream !== undefined) say({ type: 'state', stream: stream.id, state: stream.state, problem: stream.problem, retryAt: stream.retryAt, audio: stream.audio !== undefined });
          const code = stream === undefined ? 'stream-not-found' : 'unavailable';
          say({ type: 'error', request: message.request, code, message: 'There is no video here.' });
        }
      });
    });
  }
}

const refuse: ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error instanceof ProblemError)) return next(error);
  response.status(error.status).type(PROBLEM_TYPE).send(JSON.stringify(error));
};

/** An hour in which each zone and line was busier from minute to minute. */
function countsOf({ id, zones, lines }: StreamView): CountsView {
  const to = Date.now();
  const from = Math.floor(to / 60_000) * 60_000 - 3_600_000;
  const minutes = Array.from({ length: 60 }, (_, minute) => ({ at: new Date(from + minute * 60_000).toISOString(), count: minute % 12 }));
  const total = minutes.reduce((sum, { count }) => sum + count, 0);
  const zone = (count: number) => ({ entered: { person: count }, left: { person: count }, dwellMs: { person: 4500 } });
  const line = (count: number) => ({ in: { car: count }, out: { car: Math.max(0, 6 - count) } });
  return {
    stream: id,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    bucketMs: 60_000,
    zones: Object.fromEntries(zones.map(({ name }) => [name, { ...zone(total), buckets: minutes.map(({ at, count }) => ({ at, ...zone(count) })) }])),
    lines: Object.fromEntries(lines.map(({ name }) => [name, { ...line(total), buckets: minutes.map(({ at, count }) => ({ at, ...line(count) })) }])),
  };
}

/** What of a stream is otherwise after changes; null takes a field back to what a fresh one has. */
function changed(before: StreamView, changes: StreamChanges): Partial<StreamView> {
  const { overlay, privacy, source: _source, ...rest } = changes;
  const fresh = freshStream(before.id, 0);
  const flat = Object.entries(rest).map(([key, value]) => [key, value ?? fresh[key as keyof StreamView]]);
  return {
    ...(Object.fromEntries(flat) as Partial<StreamView>),
    ...(overlay ? { overlay: { ...before.overlay, ...overlay } } : {}),
    ...(privacy ? { privacy: { ...before.privacy, ...privacy } } : {}),
  };
}

function welcome(): ServerMessage {
  const h264 = { kind: 'video' as const, mimeType: 'video/H264', clockRate: 90_000, preferredPayloadType: 108, parameters: { ...H264_PARAMETERS }, rtcpFeedback: [] };
  return {
    type: 'welcome',
    v: PROTOCOL_VERSION,
    session: 'fake',
    resumeToken: 'fake',
    resumeWithinMs: 30_000,
    resumed: false,
    watches: [],
    serverTime: Date.now(),
    heartbeatMs: 10_000,
    iceServers: [],
    rtpCapabilities: { codecs: [h264], headerExtensions: [] },
  };
}

import { delimiter } from 'node:path';
import { z } from 'zod';
import { MqttSettings, WebhookSettings } from '../notify/options.ts';
import { OverlayOptions, SyncPolicy } from '../pipeline/compose/options.ts';
import { PrivacyOptions } from '../pipeline/compose/privacy-options.ts';
import { EncoderOptions } from '../pipeline/encode/options.ts';
import { SOURCE_SCHEMES } from '../pipeline/source/address.ts';
import { DetectorSettings, Name, StreamDefinition } from './stream-definition.ts';

/** The demo stream that exists where no streams are configured. */
export const DEMO_STREAM: StreamDefinition = { id: 'street', title: 'Street', source: 'demo://street' };

/** Adds descriptions for the reference to the fields of another schema. */
function described<Shape extends z.core.$ZodShape>(
  schema: z.ZodObject<Shape>,
  sentences: Record<keyof Shape & string, string>,
): z.ZodObject<Shape, z.core.$strict> {
  const shape = Object.entries(schema.shape).map(([key, field]) => [
    key,
    (field as unknown as z.ZodType).meta({ description: sentences[key as keyof Shape & string] }),
  ]);
  return z.strictObject(Object.fromEntries(shape) as Shape);
}

const Http = z.strictObject({
  host: z
    .string()
    .min(1)
    .max(255)
    .default('127.0.0.1')
    .meta({ description: 'Address that the HTTP server binds to. Any but a loopback address needs `auth.token`.' }),
  port: z.number().int().min(0).max(65_535).default(8080).meta({ description: 'TCP port of the HTTP server; `0` takes a free one.' }),
  allowedOrigins: z
    .array(z.string().regex(/^(\*|https?:\/\/[^/\s]+)$/, 'Must be an origin such as https://example.org, or *.'))
    .default([])
    .meta({
      description: 'Origins of foreign pages that may use this server. Pages of this machine always may; with a token set, all may, since each request needs the token.',
    }),
});

const Auth = z.strictObject({
  token: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[\x21-\x7e]+$/, 'Must be printable ASCII without spaces.')
    .optional()
    .meta({
      description: 'Bearer token of the administrator. Left out, none is asked for, and the server binds to loopback addresses only.',
      env: 'FRAMELOCK_TOKEN',
      secret: true,
      defaultText: 'none',
    }),
});

const IceServer = z.strictObject({
  urls: z.union([z.string().regex(/^(stun|turns?):/, 'Must start with stun:, turn: or turns:.'), z.array(z.string()).min(1)]),
  username: z.string().optional(),
  credential: z.string().optional(),
});

const WebRtc = z.strictObject({
  port: z.number().int().min(0).max(65_535).default(8189).meta({ description: 'The one port for media, UDP and TCP; `0` takes free ones.' }),
  listen: z.string().min(1).max(255).optional().meta({ description: 'IP address that media is received on.', defaultText: 'as `http.host`' }),
  announcedAddress: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Address or host name that viewers are told, where it differs from `webrtc.listen`: behind NAT or in a container.', defaultText: '`webrtc.listen`' }),
  iceServers: z.array(IceServer).max(16).default([]).meta({ description: 'STUN and TURN servers given to viewers: `{ urls, username?, credential? }`.' }),
});

const Sfu = z.strictObject({
  workers: z
    .union([z.literal('auto'), z.number().int().min(1).max(256)])
    .default(1)
    .meta({ description: 'mediasoup workers: a number, or `auto` for one a core.' }),
});

const Publish = z.strictObject({
  create: z
    .boolean()
    .default(true)
    .meta({ description: 'A publisher of a stream that does not exist makes it; it goes with its publisher. If `false`, only streams with the source `publish://` take publishers.' }),
  policy: z
    .enum(['replace', 'refuse'])
    .default('replace')
    .meta({ description: 'What becomes of a second publisher of a stream: it takes the place of the first, or is refused.' }),
  graceMs: z
    .number()
    .int()
    .min(0)
    .max(3_600_000)
    .default(10_000)
    .meta({ description: 'How long a stream that came with its publisher is kept for one whose connection broke, in ms.' }),
});

const Rtmp = z.strictObject({
  enabled: z.boolean().default(true).meta({ description: 'Streams are taken over RTMP too: `rtmp://HOST:PORT/live/STREAM`.' }),
  host: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Address that RTMP binds to. Any but a loopback address needs `auth.token`.', defaultText: 'as `http.host`' }),
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(1935)
    .meta({ description: 'TCP port of RTMP; `0` takes a free one. Where it is taken already, the log says so and everything else goes on.' }),
  connections: z.number().int().min(1).max(10_000).default(100).meta({ description: 'Most RTMP connections at a time.' }),
});

const Log = z.strictObject({
  level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info').meta({ description: 'Least severity that is logged.' }),
  pretty: z.boolean().optional().meta({ description: 'Lines for people instead of JSON.', defaultText: '`true` on a terminal, else `false`' }),
});

const Detection = z.strictObject({
  providers: z
    .array(z.enum(['tensorrt', 'cuda', 'webgpu', 'cpu']))
    .min(1)
    .default(['tensorrt', 'cuda', 'webgpu', 'cpu'])
    .meta({ description: 'Execution providers of ONNX Runtime in the order they are tried. WebGPU is used where it is faster than the CPU, or where `cpu` is left out.' }),
  threads: z.number().int().min(1).max(256).optional().meta({ description: 'Threads of the detector process.', defaultText: 'half of the cores, at least 1' }),
  maxBatch: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: 'Frames of several streams that are run together at most, by models that take batches.', defaultText: '`1` on a CPU and by WebGPU, else `8`' }),
  batchDelayMs: z
    .number()
    .min(0)
    .max(1000)
    .optional()
    .meta({ description: 'How long a frame waits at most for others to be run with, in ms.', defaultText: '`0` on a CPU and by WebGPU, else `5`' }),
  download: z.boolean().default(true).meta({ description: 'The default real-world model is fetched in the background where it is not here.' }),
});

const Composer = z.strictObject({
  sync: SyncPolicy.default('exact').meta({ description: 'When a frame may go on, for streams that do not say: see `streams[].sync`.' }),
  deadlineMs: z.number().min(1).max(5000).default(100).meta({ description: 'Longest time that a frame waits for its results, in ms, for streams that do not say.' }),
});

const Overlay = described(OverlayOptions, {
  boxes: 'Boxes are drawn.',
  style: '`box`: four sides; `corners`: corners alone.',
  labels: 'Labels are drawn.',
  scores: 'Scores are drawn beside labels.',
  trails: 'The ways that tracked things came in the last 3 s are drawn.',
  counts: 'How many things of each label there are is written at the upper right.',
  heatmap: 'Where things stood most in the last half minute or so is tinted.',
  zones: 'Zones and lines are drawn, with what they count.',
  language: 'Language of the slate that viewers see while a source is away: `en`, `zh-CN` or `both`.',
  names: 'Label as a model names it → text to draw, in any script.',
  colors: 'Label → `#rrggbb`; others get a colour from the palette.',
});

const Privacy = described(PrivacyOptions, {
  classes: 'Labels whose boxes are made unrecognisable in every variant, before anything is encoded; while nobody looks for them, the whole picture is.',
  style: '`pixelate`: plain squares; `blur`: the same, with smooth ways between them.',
  margin: 'By how much of its size a box is widened on each side.',
  holdMs: 'How long a box that is no longer found stays hidden, and how old the newest result may be, in ms.',
});

const Encoder = described(EncoderOptions, {
  chain: 'Encoders in the order they are tried; the first whose test encode works is taken.',
  bitrate: 'Bits a second: the most that x264 spends, the target of the others; left out, it follows from size and rate.',
  preset: 'Preset of x264; `auto`: the best that encodes in time and that the machine has room for.',
  profile: 'Profile of H.264 that is encoded; other than `baseline` not every receiver decodes.',
  idrIntervalMs: 'Time between key frames that nobody asked for, in ms.',
  oneFrameVbv: 'Keeps every frame within its share of the bitrate: steadier delay on thin lines, lower quality.',
  forward: 'Sends the clean variant as the source or the publisher has it, without an encode, where that can be done.',
});

const SourcesTls = z.strictObject({
  verify: z
    .boolean()
    .default(false)
    .meta({ description: 'Certificates of `https`, `rtsps` and `rtmps` sources are verified. Off, because cameras sign their own: what is read is encrypted, but may come from anybody.' }),
  caFile: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'PEM file of the authorities, or of the cameras’ own certificates, that are trusted instead of the machine’s.', isPath: true, defaultText: 'the machine’s' }),
});

const Sources = z.strictObject({
  allow: z
    .array(z.enum(SOURCE_SCHEMES))
    .default([...SOURCE_SCHEMES])
    .meta({ description: 'Schemes that addresses of sources may have.', defaultText: 'all that are known' }),
  sandbox: z
    .enum(['auto', 'required', 'off'])
    .default('auto')
    .meta({ description: 'Stream processes are confined to the files they need, by Landlock: where the machine can, or else the server does not start, or never.' }),
  spare: z
    .boolean()
    .default(true)
    .meta({ description: 'While a stream on demand is idle, one process waits for the next stream that starts: some 70 MB of memory for a first picture 0.3 s sooner.' }),
  tls: SourcesTls.prefault({}),
});

const Counts = z.strictObject({
  retentionDays: z.number().int().min(1).max(3650).default(90).meta({ description: 'How long counts of zones and lines are kept, in days.' }),
});

const Limits = z.strictObject({
  streams: z.number().int().min(1).max(10_000).default(64).meta({ description: 'Most streams that may exist.' }),
  bodyBytes: z.number().int().min(1024).max(1 << 30).default(1 << 20).meta({ description: 'Longest request body in JSON or SDP, in bytes.' }),
  eventClients: z.number().int().min(1).max(100_000).default(500).meta({ description: 'Most server-sent event connections at a time.' }),
});

/** Everything that can be configured. */
export const ConfigSchema = z.strictObject({
  http: Http.prefault({}),
  auth: Auth.prefault({}),
  webrtc: WebRtc.prefault({}),
  sfu: Sfu.prefault({}),
  publish: Publish.prefault({}),
  rtmp: Rtmp.prefault({}),
  dataDir: z.string().min(1).default('./data').meta({ description: 'Folder of the database, recordings and library; made where missing.', isPath: true }),
  mediaRoots: z
    .array(z.string().min(1))
    .default(['./media'])
    .meta({ description: 'Folders from which `file:` sources may be read.', isPath: true, separator: delimiter }),
  sources: Sources.prefault({}),
  modelsDir: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'A further folder of models: `NAME.onnx`, with `NAME.yaml` beside it where its family can’t be inferred.', isPath: true, defaultText: 'none' }),
  log: Log.prefault({}),
  detection: Detection.prefault({}),
  composer: Composer.prefault({}),
  overlay: Overlay.prefault({}),
  privacy: Privacy.prefault({}),
  encoder: Encoder.prefault({}),
  detectors: z.record(Name, DetectorSettings).default({}).meta({ description: 'Detectors by name.' }),
  streams: z.array(StreamDefinition).max(10_000).default([DEMO_STREAM]).meta({
    description: 'Streams that exist from the start.',
    defaultText: `the demo stream \`${DEMO_STREAM.id}\` (\`${DEMO_STREAM.source}\`)`,
  }),
  counts: Counts.prefault({}),
  webhooks: z.array(WebhookSettings).max(16).default([]).meta({ description: 'Who is told by HTTP what happens in zones and on lines: `{ url, secret, events?, streams? }`; docs/events.md.' }),
  mqtt: MqttSettings.prefault({}),
  limits: Limits.prefault({}),
});

type Parsed = z.infer<typeof ConfigSchema>;

/** The configuration as the server uses it: validated, complete, paths absolute. */
export interface Config extends Omit<Parsed, 'webrtc' | 'rtmp' | 'log' | 'detection'> {
  readonly webrtc: Parsed['webrtc'] & { readonly listen: string };
  readonly rtmp: Parsed['rtmp'] & { readonly host: string };
  readonly log: Parsed['log'] & { readonly pretty: boolean };
  readonly detection: Parsed['detection'] & { readonly threads: number };
}

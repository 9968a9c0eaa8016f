import { z } from 'zod';
import { Lines, Zones } from '../pipeline/analytics/options.ts';
import { Join, MergeMode, OverlayOptions, SyncPolicy } from '../pipeline/compose/options.ts';
import { PrivacyOptions } from '../pipeline/compose/privacy-options.ts';
import { EncoderOptions } from '../pipeline/encode/options.ts';
import { HttpChoice } from '../pipeline/detect/external/wire.ts';
import { parseSourceAddress, publicAddress } from '../pipeline/source/address.ts';
import { loose } from './loose.ts';
import { StreamId } from './stream-id.ts';

/** The name of a detector or a model. */
export const Name = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'Must be 1 to 100 letters, digits, “.”, “_” and “-”, starting with a letter or digit.');

/** `[x, y, width, height]`, from the top left, as fractions of the frame; not empty, and inside it. */
export const Region = z
  .tuple([z.number().min(0).max(1), z.number().min(0).max(1), z.number().gt(0).max(1), z.number().gt(0).max(1)])
  .refine(([x, y, width, height]) => x + width <= 1.000_001 && y + height <= 1.000_001, 'Must lie inside the frame.');

/** `worker`, or the address to post frames to. */
const DetectorEndpoint = z
  .string()
  .max(4096)
  .refine((text) => text === 'worker' || isHttpAddress(text), 'Must be “worker”, or an address that starts with http:// or https://.');

const detectorFields = {
  model: Name.optional().meta({ description: 'Name of the model; this or `endpoint`.' }),
  endpoint: DetectorEndpoint.optional().meta({
    description: 'An algorithm outside of this server: `worker`, which connects to `/detectors/NAME`, or the `http(s)://` address that frames are posted to (docs/detector-protocol.md).',
  }),
  frames: loose(HttpChoice)
    .optional()
    .meta({ description: 'How frames are posted: `{ format, width, height, resize, quality, credits }`. Workers say it themselves.', defaultText: 'JPEG, at most 1280×1280' }),
  token: z
    .string()
    .regex(/^[\x21-\x7e]{8,1024}$/, 'Must be 8 to 1024 printable ASCII characters without spaces.')
    .optional()
    .meta({ description: 'What its workers may send instead of `auth.token`; it opens this detector and nothing else. Never shown.', secret: true, defaultText: 'none' }),
  classes: z
    .array(z.string().min(1).max(100))
    .max(1000)
    .optional()
    .meta({ description: 'Labels to keep; left out, all that the model or algorithm knows.' }),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({ description: 'Score below which a detection is dropped; left out, the model’s own.' }),
  fps: z.number().gt(0).max(240).optional().meta({ description: 'Most frames a second that are looked at; left out, every frame it has time for.' }),
  every: z.number().int().min(1).max(1000).optional().meta({ description: 'Looks at every Nth frame only.' }),
  region: Region.optional().meta({ description: '`[x, y, width, height]` as fractions of the frame: the part that is looked at.' }),
  late: Join.shape.late.meta({
    description: '`wait`: a frame that it took waits for it, up to the deadline. `carry`: no frame waits, its last boxes are moved along. `skip`: no frame waits, and only boxes of the frame itself are shown.',
    defaultText: '`carry` with `sync: predict`, else `wait`',
  }),
  attach: Join.shape.attach.meta({
    description: '`{ to: [labels], minOverlap }`: its boxes become `attributes` of other detectors’ boxes with such a label that they lie in, by a share of at least `minOverlap` (0.5).',
    defaultText: 'none',
  }),
};

/** The settings of a detector: a model or an external algorithm, and how it is used. */
export const DetectorSettings = z.strictObject(detectorFields).superRefine(oneKind);
export type DetectorSettings = z.infer<typeof DetectorSettings>;

/** A named detector: of `/api/detectors`, or defined in a stream. */
export const DetectorDefinition = z.strictObject({ name: Name.meta({ description: 'Unique name.' }), ...detectorFields }).superRefine(oneKind);
export type DetectorDefinition = z.infer<typeof DetectorDefinition>;

/** The address of a source, as text or as an object with a `url`. */
const SourceAddress = z.string().min(1).max(4096).superRefine((text, context) => {
  try {
    parseSourceAddress(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'Is no address of a source.' });
  }
});

/** The detectors of a stream: names or definitions, each name once. */
const StreamDetectors = z
  .array(z.union([Name, DetectorDefinition]))
  .max(16)
  .superRefine((detectors, context) => {
    const seen = new Set<string>();
    for (const [index, detector] of detectors.entries()) {
      const name = typeof detector === 'string' ? detector : detector.name;
      if (seen.has(name)) context.addIssue({ code: 'custom', path: [index], message: `The detector “${name}” is named twice.` });
      seen.add(name);
      if (typeof detector === 'string') continue;
      const secrets = { endpoint: holdsSecret(detector.endpoint) && 'An address with credentials', token: detector.token !== undefined && 'A token' };
      for (const [field, secret] of Object.entries(secrets)) {
        if (secret === false) continue;
        const message = `${secret} is not written in place, where everybody sees it: add the detector with POST /api/detectors, and name it here.`;
        context.addIssue({ code: 'custom', path: [index, field], message });
      }
    }
  });

const fields = {
  source: z
    .union([SourceAddress, z.strictObject({ url: SourceAddress }).transform(({ url }) => url)])
    .meta({ description: 'Address of the source: `rtsp://camera/1`, `https://host/live.m3u8`, `file:///folder/clip.mp4`, the absolute path of a file, `demo://street`, `publish://` for whoever publishes it; all forms in docs/sources.md.' }),
  title: z.string().trim().min(1).max(200).optional().meta({ description: 'Name for people.', defaultText: 'the id' }),
  detectors: StreamDetectors.optional().meta({
    description: 'Names of detectors or of models, or detectors in place; `[]` means none.',
    defaultText: '`street-nano` for the demo, else the default real-world model',
  }),
  sync: SyncPolicy.optional()
    .meta({ description: '`exact`: a frame waits for its own results. `predict`: it never waits, boxes are moved to its time. `interpolate`: it waits for the next results too, so that boxes between two are exact.', defaultText: '`composer.sync`' }),
  deadlineMs: z
    .number()
    .min(1)
    .max(5000)
    .optional()
    .meta({ description: 'Longest time that a frame waits for its results, in ms.', defaultText: '`composer.deadlineMs`' }),
  merge: MergeMode.optional().meta({
    description: '`union`: boxes of all detectors are shown. `nms`: of boxes of one class from different detectors that overlap, the most certain one is. `wbf`: their weighted average is.',
    defaultText: '`union`',
  }),
  mergeIou: z.number().gt(0).max(1).optional().meta({ description: 'Least IoU of two boxes that are merged.', defaultText: '`0.55`' }),
  onDemand: z.boolean().optional().meta({ description: 'Runs only while somebody watches.', defaultText: '`false`' }),
  idleAfterMs: z
    .number()
    .int()
    .min(0)
    .max(3_600_000)
    .optional()
    .meta({ description: 'How long a stream on demand runs on after its last viewer, in ms.', defaultText: '`10000`' }),
  publishKey: z
    .string()
    .regex(/^[\w.~-]{8,200}$/, 'Must be 8 to 200 of a–z, A–Z, 0–9, “.”, “_”, “~” and “-”.')
    .optional()
    .meta({ description: 'Stream key of publishers that push over RTMP, beside `auth.token`. Never shown.', secret: true, defaultText: 'none' }),
  loop: z.boolean().optional().meta({ description: 'A file starts again at its end.', defaultText: '`true`' }),
  zones: Zones.optional().meta({ description: 'Areas of the picture, of which is known who is in them: `{ name, points, classes?, anchor?, minDwellMs? }`; docs/zones.md.', defaultText: 'none' }),
  lines: Lines.optional().meta({ description: 'Lines that are crossed: `{ name, from, to, classes?, anchor? }`; docs/zones.md.', defaultText: 'none' }),
  overlay: loose(OverlayOptions).optional().meta({ description: 'What is drawn; what is left out is as in `overlay`.' }),
  privacy: loose(PrivacyOptions).optional().meta({ description: 'What is hidden in every variant; what is left out is as in `privacy`.' }),
  encoder: loose(EncoderOptions).optional().meta({ description: 'How it is encoded; what is left out is as in `encoder`.' }),
};

/** The definition of a stream, as configured, posted and stored. Fields that are left out stay so. */
export const StreamDefinition = z.strictObject({
  id: StreamId.meta({ description: 'Unique id: 1 to 63 of a–z, 0–9 and `-`, not starting with `-`.' }),
  ...fields,
});
export type StreamDefinition = z.infer<typeof StreamDefinition>;

/** Changes of a stream: a field that is left out stays, null resets it to its default (RFC 7396). */
export const StreamChanges = z.strictObject({
  source: fields.source.optional(),
  title: fields.title.nullable(),
  detectors: fields.detectors.nullable(),
  sync: fields.sync.nullable(),
  deadlineMs: fields.deadlineMs.nullable(),
  merge: fields.merge.nullable(),
  mergeIou: fields.mergeIou.nullable(),
  onDemand: fields.onDemand.nullable(),
  idleAfterMs: fields.idleAfterMs.nullable(),
  publishKey: fields.publishKey.nullable(),
  loop: fields.loop.nullable(),
  zones: fields.zones.nullable(),
  lines: fields.lines.nullable(),
  overlay: fields.overlay.nullable(),
  privacy: fields.privacy.nullable(),
  encoder: fields.encoder.nullable(),
});
export type StreamChanges = z.infer<typeof StreamChanges>;

/** Changes of a detector: a field that is left out stays, null resets it to its default. The name can't change. */
export const DetectorChanges = z.strictObject({
  model: detectorFields.model.nullable(),
  endpoint: detectorFields.endpoint.nullable(),
  frames: detectorFields.frames.nullable(),
  token: detectorFields.token.nullable(),
  classes: detectorFields.classes.nullable(),
  threshold: detectorFields.threshold.nullable(),
  fps: detectorFields.fps.nullable(),
  every: detectorFields.every.nullable(),
  region: detectorFields.region.nullable(),
  late: detectorFields.late.nullable(),
  attach: detectorFields.attach.nullable(),
});
export type DetectorChanges = z.infer<typeof DetectorChanges>;

/** An endpoint without credentials. */
export function publicEndpoint(endpoint: string): string {
  return isHttpAddress(endpoint) ? publicAddress(new URL(endpoint)) : endpoint;
}

function holdsSecret(endpoint: string | undefined): boolean {
  return endpoint !== undefined && isHttpAddress(endpoint) && publicEndpoint(endpoint) !== new URL(endpoint).href;
}

function isHttpAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

interface Kind {
  readonly model?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly frames?: unknown;
  readonly token?: string | undefined;
}

/** Checks that a detector is a model or an endpoint, with `frames` only for endpoints that are posted to and `token` only for workers. */
function oneKind({ model, endpoint, frames, token }: Kind, context: z.RefinementCtx): void {
  const wrong = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  if (model === undefined && endpoint === undefined) wrong('model', 'A model or an endpoint is required.');
  if (model !== undefined && endpoint !== undefined) wrong('endpoint', 'A detector has a model or an endpoint, not both.');
  if (frames !== undefined && (endpoint === undefined || endpoint === 'worker')) wrong('frames', 'Only an endpoint that is asked by HTTP takes this; workers say it in their hello.');
  if (token !== undefined && endpoint !== 'worker') wrong('token', 'Only the endpoint “worker” takes this: nobody else connects.');
}

/** Applies changes to a definition. */
export function applyChanges<T extends object>(definition: T, changes: { readonly [K in keyof T]?: T[K] | null }): T {
  const merged = { ...definition } as Record<string, unknown>;
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete merged[key];
    else if (value !== undefined) merged[key] = value;
  }
  return merged as T;
}

import { z } from 'zod';
import { StreamId } from '../config/stream-id.ts';

/** Events that can be subscribed to. */
export const EVENT_TYPES = ['zone.entered', 'zone.left', 'line.crossed'] as const;

/** An address without credentials, which have fields of their own that are never shown. */
function address(schemes: readonly string[]): z.ZodString {
  return z
    .string()
    .max(2048)
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), `Must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}.`)
    .refine((text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''), 'Must not hold a user name or password.');
}

/** A receiver of events over HTTP. */
export const WebhookSettings = z.strictObject({
  url: address(['http', 'https']).meta({ description: 'Where events are posted to. What it redirects to is not followed.' }),
  secret: z.string().min(16).max(1024).meta({ description: 'What posts are signed with, 16 characters or more.', secret: true }),
  events: z.array(z.enum(EVENT_TYPES)).min(1).optional().meta({ description: 'Kinds of events to tell.', defaultText: 'all' }),
  streams: z.array(StreamId).min(1).optional().meta({ description: 'Streams to tell about.', defaultText: 'all' }),
});
export type WebhookSettings = z.infer<typeof WebhookSettings>;

/** The MQTT broker that events are published to. */
export const MqttSettings = z.strictObject({
  url: address(['mqtt', 'mqtts']).optional().meta({ description: 'Address of the MQTT broker, such as `mqtt://broker:1883`; left out, there is none.', defaultText: 'none' }),
  username: z.string().max(1024).optional().meta({ description: 'User name at the broker.', defaultText: 'none' }),
  password: z.string().max(1024).optional().meta({ description: 'Password at the broker.', secret: true, defaultText: 'none' }),
  topic: z
    .string()
    .regex(/^[^\s/+#$\0][^\s+#\0]{0,199}(?<!\/)$/, 'Must be 1 to 200 characters without spaces, + and #, not starting with $ or / and not ending with /.')
    .default('framelock')
    .meta({ description: 'What all topics begin with.' }),
  countsPerSecond: z.number().min(0).max(30).default(1).meta({ description: 'How often who is in zones and what lines have counted is published at most, a stream; 0: never.' }),
  annotationsPerSecond: z.number().min(0).max(30).default(0).meta({ description: 'How often annotation messages are published at most, a stream; 0: never.' }),
});
export type MqttSettings = z.infer<typeof MqttSettings>;

import { Command } from 'commander';
import type { PublishOptions } from './publish/run.ts';

/** `framelock publish …`: publishes any source to a server, by WHIP. */
export function publishCommand(): Command {
  return new Command('publish')
    .description('publish a file, camera or stream to a server by WHIP')
    .argument('<source>', 'a file, or an address as a stream’s source has it')
    .argument('<url>', 'where to: http://HOST:8080/live/STREAM/whip')
    .option('--token <token>', 'bearer token of the server (else FRAMELOCK_TOKEN)')
    .option('--loop', 'start a file again at its end', false)
    .action(async (source: string, url: string, options: PublishOptions) => {
      // Loaded on demand: libav and libwebrtc take longer to load than other commands run.
      const { publish } = await import('./publish/run.ts');
      await publish(source, url, options);
    });
}

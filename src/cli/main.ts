/** The command line: `framelock …`. One file per group of commands. */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/errors.ts';
import { ModelError } from '../models/index.ts';
import { SourceError } from '../pipeline/source/source.ts';
import { DetectError } from '../pipeline/detect/detect-error.ts';
import { DetectRunError } from './detect/detect-run-error.ts';
import { convertCommand, detectCommand } from './detect.ts';
import { modelsCommand } from './models.ts';
import { PublishError } from './publish/publish-error.ts';
import { publishCommand } from './publish.ts';

/** Exit codes: the command failed; the command line is wrong. */
const FAILED = 1;
const USAGE = 2;

const program = new Command('framelock')
  .description('Streams video that carries what algorithms saw in it.')
  .option('--config <file>', 'configuration to go by (else FRAMELOCK_CONFIG)')
  .showHelpAfterError('(--help says what there is)')
  .exitOverride();
program.addCommand(modelsCommand());
program.addCommand(publishCommand());
program.addCommand(detectCommand());
program.addCommand(convertCommand());
// Added commands do not inherit the handling of errors.
for (const group of program.commands) for (const command of [group, ...group.commands]) command.exitOverride().showHelpAfterError();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints what went wrong; an unexpected error with its stack. */
function report(error: unknown): number {
  // Commander has printed it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  const foreseen = error instanceof Error && [ModelError, ConfigError, SourceError, PublishError, DetectError, DetectRunError].some((kind) => error instanceof kind);
  process.stderr.write(`${foreseen ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return FAILED;
}

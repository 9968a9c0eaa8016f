import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { AnnotationMessage } from '../../pipeline/annotation.ts';
import { DetectRunError } from './detect-run-error.ts';
import { TextFile, type MessageSink } from './message-sink.ts';

/** Writes annotation messages as sidecar files do: one JSON document per line. */
export class JsonLinesSink implements MessageSink {
  readonly #file: TextFile;

  constructor(path: string) {
    this.#file = new TextFile(path);
  }

  write(message: AnnotationMessage): Promise<void> {
    return this.#file.write(`${JSON.stringify(message)}\n`);
  }

  end(): Promise<void> {
    return this.#file.end();
  }
}

/** Reads the messages of a file. @throws DetectRunError that names the wrong line and field */
export async function* readMessages(path: string): AsyncGenerator<AnnotationMessage> {
  const input = createReadStream(path, 'utf8');
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() !== '') yield parse(line, `${path}, line ${number}`);
    }
  } catch (error) {
    if (error instanceof DetectRunError) throw error;
    throw new DetectRunError(`${path} can’t be read: ${(error as Error).message}`, { cause: error });
  }
}

function parse(line: string, place: string): AnnotationMessage {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new DetectRunError(`${place} is no JSON.`, { cause });
  }
  const parsed = AnnotationMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DetectRunError(`${place} is no annotation message: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

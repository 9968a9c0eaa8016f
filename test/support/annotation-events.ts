import { AnnotationMessage } from '../../src/pipeline/annotation.ts';
import type { LiveServer } from './live-server.ts';

/** The annotation messages of a stream as they come, by server-sent events; ends when the loop over it is left. */
export async function* messagesOf(server: LiveServer, id: string): AsyncGenerator<AnnotationMessage> {
  const response = await fetch(`${server.url}/live/${id}/annotations`, { headers: server.headers });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let text = ''; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const events = text.split('\n\n');
      text = events.pop()!;
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined) yield AnnotationMessage.parse(JSON.parse(data));
      }
    }
  } finally {
    await reader.cancel();
  }
}

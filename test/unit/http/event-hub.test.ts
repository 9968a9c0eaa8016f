import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { describe, it, mock } from 'node:test';
import type { Response } from 'express';
import { EventHub } from '../../../src/http/event-hub.ts';
import { EventStream } from '../../../src/http/event-stream.ts';
import type { StreamRegistry } from '../../../src/streams/registry.ts';

/** Stands in for an answer whose client takes nothing until it is let. */
class StandInResponse extends Writable {
  text = '';
  #held: { chunk: string; done: () => void }[] = [];
  #holding: boolean;

  constructor(holding: boolean) {
    super({ decodeStrings: false });
    this.#holding = holding;
  }

  status(): this {
    return this;
  }
  set(): this {
    return this;
  }
  flushHeaders(): void {}

  override _write(chunk: string, _encoding: string, done: () => void): void {
    if (this.#holding) {
      this.#held.push({ chunk, done });
      return;
    }
    this.text += chunk;
    done();
  }

  /** The client reads everything from now on. */
  letGo(): void {
    this.#holding = false;
    for (const { chunk, done } of this.#held.splice(0)) {
      this.text += chunk;
      done();
    }
  }

  get response(): Response {
    return this as unknown as Response;
  }
}

/** Stands in for the registry: streams that are nothing but an id and a title. */
class StandInRegistry extends EventEmitter {
  readonly titles = new Map<string, string>();

  list(): object[] {
    return [...this.titles.keys()].map((id) => this.get(id));
  }
  get(id: string): object {
    return { id, title: this.titles.get(id) };
  }
  stream(id: string): object | undefined {
    return this.titles.has(id) ? {} : undefined;
  }
  change(id: string, title: string): void {
    this.titles.set(id, title);
    this.emit('changed', id);
  }
  get registry(): StreamRegistry {
    return this as unknown as StreamRegistry;
  }
}

const count = (text: string, part: string): number => text.split(part).length - 1;

describe('the hub of events', () => {
  it('tells a burst of changes as two: the first at once, the last after an interval', () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    const registry = new StandInRegistry();
    const hub = new EventHub(registry.registry);
    const client = new StandInResponse(false);
    registry.titles.set('a', 'first');
    hub.add(new EventStream(client.response));
    for (let index = 0; index < 100; index++) registry.change('a', `title ${index}`);
    assert.equal(count(client.text, '"changed"'), 1);
    mock.timers.tick(250);
    assert.equal(count(client.text, '"changed"'), 2);
    assert.match(client.text, /title 99/);
    mock.timers.tick(10_000);
    assert.equal(count(client.text, '"changed"'), 2);
    hub.close();
    mock.timers.reset();
  });

  it('leaves out changes for a client that does not read, and tells it how things stand once it does', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    const registry = new StandInRegistry();
    const hub = new EventHub(registry.registry);
    const client = new StandInResponse(true);
    const stream = new EventStream(client.response);
    registry.titles.set('a', 'first');
    hub.add(stream);
    for (let index = 0; index < 200; index++) {
      registry.change('a', `${index} ${'x'.repeat(1000)}`);
      mock.timers.tick(250);
    }
    assert(stream.dropped > 100, `${stream.dropped} were left out`);
    assert(client.writableLength < 100_000, `${client.writableLength} bytes wait`);
    registry.change('a', 'how it stands');
    mock.timers.reset();
    client.letGo();
    await new Promise((resolve) => setImmediate(resolve));
    assert.match(client.text, /how it stands/);
    hub.close();
  });

  it('gives a client up that is hopelessly behind', () => {
    const client = new StandInResponse(true);
    const stream = new EventStream(client.response);
    for (let index = 0; index < 6; index++) stream.send('x'.repeat(1 << 20));
    assert.equal(client.destroyed, true);
  });

  it('keeps a quiet connection open with comments, and stops when it closes', () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const client = new StandInResponse(false);
    new EventStream(client.response);
    mock.timers.tick(31_000);
    assert.equal(count(client.text, ': alive'), 2);
    client.emit('close');
    mock.timers.tick(60_000);
    assert.equal(count(client.text, ': alive'), 2);
    mock.timers.reset();
  });
});

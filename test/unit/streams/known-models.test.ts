import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ModelError, type ModelInfo } from '../../../src/models/index.ts';
import { KnownModels } from '../../../src/streams/known-models.ts';
import { resolvedModel, TestLog } from '../../support/server.ts';

/** Stands in for the store: one model that is not here, and whose download ends when the test wants it to. */
function store(): { list: () => Promise<ModelInfo[]>; resolve: (name: string) => Promise<ReturnType<typeof resolvedModel>>; get: () => Promise<ReturnType<typeof resolvedModel>>; download: PromiseWithResolvers<void>; looks: number } {
  const download = Promise.withResolvers<void>();
  let here = false;
  const made = {
    looks: 0,
    download,
    list: async (): Promise<ModelInfo[]> => {
      made.looks++;
      return Promise.resolve([{ name: 'yolox-nano', origin: 'bundled', state: here ? 'ready' : 'not-downloaded' }]);
    },
    resolve: async (name: string) => {
      if (!here) throw new ModelError('model-not-downloaded', 'The file of the model yolox-nano is not here: run `framelock models get yolox-nano`');
      return Promise.resolve(resolvedModel(name));
    },
    get: async () => {
      await download.promise;
      here = true;
      return resolvedModel('yolox-nano');
    },
  };
  return made;
}

describe('the default model for real sources', () => {
  it('is fetched in the background; streams are told when it can be used', async () => {
    const from = store();
    const models = await KnownModels.create(from, new TestLog().logger);
    assert.equal(models.list()[0]?.state, 'not-downloaded');
    await assert.rejects(models.resolve('yolox-nano'), { code: 'model-not-downloaded' });
    let changes = 0;
    models.on('changed', () => changes++);
    const fetching = models.fetchDefault();
    assert.equal(models.list()[0]?.state, 'downloading');
    await assert.rejects(models.resolve('yolox-nano'), { code: 'model-downloading' });
    from.download.resolve();
    await fetching;
    assert.equal(models.list()[0]?.state, 'ready');
    assert.equal((await models.resolve('yolox-nano')).name, 'yolox-nano');
    assert(changes >= 2);
    await models.fetchDefault();
  });

  it('that can’t be fetched is a warning that says what to do, and nothing worse', async () => {
    const from = store();
    const log = new TestLog();
    const models = await KnownModels.create(from, log.logger);
    const fetching = models.fetchDefault();
    from.download.reject(new ModelError('model-download', 'The network does not allow it. Fetch that address elsewhere.'));
    await fetching;
    assert.equal(models.list()[0]?.state, 'not-downloaded');
    assert(log.records.some(({ level, err }) => level === 40 && JSON.stringify(err).includes('Fetch that address elsewhere')));
  });
});

describe('a look at the folders of models', () => {
  it('is shared by all who ask for one at the same time', async () => {
    const from = store();
    const models = await KnownModels.create(from, new TestLog().logger);
    await Promise.all([models.refresh(), models.refresh(), models.refresh()]);
    assert.equal(from.looks, 2);
  });
});

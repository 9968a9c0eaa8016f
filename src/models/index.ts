export type { DownloadProgress } from './download.ts';
export { ModelError, type ModelErrorCode } from './model-error.ts';
export { ModelShelf } from './model-shelf.ts';
export { DEFAULT_MODEL, DEMO_MODEL, ModelStore, probeCache, type ModelInfo, type ModelReport, type ModelStoreOptions } from './model-store.ts';
export type { ShelfModel } from './shelf-model.ts';

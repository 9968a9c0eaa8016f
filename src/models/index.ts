export type { DownloadProgress } from './download.ts';
export { ModelError, type ModelErrorCode } from './model-error.ts';
export { DEFAULT_MODEL, ModelStore, probeCache, type ModelInfo, type ModelReport, type ModelStoreOptions } from './model-store.ts';

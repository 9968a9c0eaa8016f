/**
 * Providers that are used only after a trial, because they run on whatever a driver offers: a GPU, or a processor that plays one. CUDA
 * and TensorRT run on NVIDIA's GPUs alone, and are used wherever they take a model.
 */
const ON_TRIAL = ['webgpu'];

/** Whether a provider is used only where a trial with the model speaks for it. */
export function isOnTrial(provider: string): boolean {
  return ON_TRIAL.includes(provider);
}

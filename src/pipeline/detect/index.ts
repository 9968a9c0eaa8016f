export { DetectorLink, type DetectorLinkOptions, type DetectorLinkStats, type DetectorOutcome, type DetectorState } from './link.ts';
export { InputScaler } from './input-scaler.ts';
export { Family, InputSpec, ModelManifest } from './manifest.ts';
export { ResolvedDetector, ResolvedModel } from './spec.ts';

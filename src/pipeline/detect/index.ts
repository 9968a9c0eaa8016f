export { DetectorLink, type DetectorLinkOptions, type DetectorLinkStats, type DetectorOutcome, type DetectorState } from './link.ts';
export { InputScaler } from './input-scaler.ts';
export { Family, InputSpec, ModelManifest } from './manifest.ts';
export { ExternalDetector, ResolvedDetector, ResolvedModel, StreamDetector } from './spec.ts';
export { ExternalLink, type ExternalLinkOptions, type ExternalLinkStats } from './external/external-link.ts';

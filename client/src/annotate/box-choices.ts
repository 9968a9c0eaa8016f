import type { AnnotationMessage, Detection } from '../../../src/pipeline/annotation.ts';
import { withAttributes } from '../../../src/pipeline/detections.ts';

/** What a viewer wants to see of the boxes. */
export interface BoxChoices {
  readonly hiddenDetectors: readonly string[];
  readonly hiddenLabels: readonly string[];
  /** No plates with labels. */
  readonly unlabelled: boolean;
  readonly trails: boolean;
  /** No zones and lines. */
  readonly withoutZones: boolean;
  /** The least score that is shown, 0…1. */
  readonly threshold: number;
}

export const EVERYTHING: BoxChoices = { hiddenDetectors: [], hiddenLabels: [], unlabelled: false, trails: false, withoutZones: false, threshold: 0 };

const STORED = 'framelock-boxes';

/** What of a message is drawn. */
export function chosen({ detections }: AnnotationMessage, { hiddenDetectors, hiddenLabels, threshold }: BoxChoices): Detection[] {
  return withAttributes(detections).filter(({ detector, label, score }) => score >= threshold && !hiddenDetectors.includes(detector) && !hiddenLabels.includes(label));
}

/** What was chosen earlier on this origin; empty where nothing was, or nothing that can be read. */
export function rememberedChoices(): Partial<BoxChoices> {
  try {
    return parseChoices(JSON.parse(localStorage.getItem(STORED) ?? '{}'));
  } catch {
    return {};
  }
}

export function rememberChoices(choices: BoxChoices): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(choices));
  } catch {
    // A page without storage forgets the choice; that is all.
  }
}

/** Takes what it can use of what was stored: it may come from another version, or from somebody else. */
export function parseChoices(stored: unknown): Partial<BoxChoices> {
  if (typeof stored !== 'object' || stored === null) return {};
  const { hiddenDetectors, hiddenLabels, unlabelled, trails, withoutZones, threshold } = stored as Readonly<Record<string, unknown>>;
  return {
    ...(isList(hiddenDetectors) ? { hiddenDetectors } : {}),
    ...(isList(hiddenLabels) ? { hiddenLabels } : {}),
    ...(typeof unlabelled === 'boolean' ? { unlabelled } : {}),
    ...(typeof trails === 'boolean' ? { trails } : {}),
    ...(typeof withoutZones === 'boolean' ? { withoutZones } : {}),
    ...(typeof threshold === 'number' && threshold >= 0 && threshold <= 1 ? { threshold } : {}),
  };
}

function isList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

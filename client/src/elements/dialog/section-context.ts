import type { TemplateResult } from 'lit';
import type { DetectorView, ModelView, StreamView } from '../../api/api.ts';
import type { Localizer } from '../../i18n/localizer.ts';
import type { Field } from './field-errors.ts';
import type { StreamForm } from './stream-form.ts';

/** What the sections are made from. */
export interface SectionContext {
  readonly localizer: Localizer;
  readonly form: StreamForm;
  readonly stream: StreamView;
  readonly detectors: readonly DetectorView[];
  readonly models: readonly ModelView[];
  /** Labels that the chosen detectors give. */
  readonly labels: readonly string[];
  readonly set: (change: Partial<StreamForm>) => void;
  /** What is wrong with a field, beside it. */
  readonly error: (field: Field) => TemplateResult;
  readonly errorText: (field: Field) => string | undefined;
}

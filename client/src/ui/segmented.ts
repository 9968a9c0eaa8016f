import { css, html, type TemplateResult } from 'lit';

/** One of the things that can be chosen; `face` is what is seen, `label` what is said. */
export interface Segment<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly face: string | TemplateResult;
  readonly lang?: string;
}

/** A row of radio buttons that looks like one control. */
export function segmented<T extends string>(name: string, label: string, segments: readonly Segment<T>[], chosen: T, choose: (value: T) => void): TemplateResult {
  return html`
    <div class="segmented" role="radiogroup" aria-label=${label}>
      ${segments.map(
        ({ value, label: said, face, lang }) => html`
          <label title=${said} lang=${lang ?? ''}>
            <input class="hidden" type="radio" name=${name} .value=${value} .checked=${value === chosen} aria-label=${said} @change=${() => choose(value)} />
            <span aria-hidden="true">${face}</span>
          </label>
        `,
      )}
    </div>
  `;
}

export const segmentedStyles = css`
  .segmented {
    display: inline-flex;
    padding: 3px;
    border: 1px solid var(--framelock-line);
    border-radius: 10px;
    background: var(--framelock-bg);
  }
  .segmented label {
    position: relative;
    display: flex;
    cursor: pointer;
  }
  .segmented span {
    display: grid;
    place-items: center;
    min-width: 2rem;
    height: 1.9rem;
    padding: 0 0.5rem;
    border-radius: 7px;
    color: var(--framelock-muted);
    font-size: 0.86rem;
    font-weight: 600;
  }
  .segmented label:hover span {
    color: var(--framelock-text);
  }
  .segmented input:checked + span {
    background: var(--framelock-raised);
    color: var(--framelock-text);
    box-shadow: inset 0 0 0 1px var(--framelock-line);
  }
  .segmented input:focus-visible + span {
    outline: 3px solid var(--framelock-accent);
    outline-offset: 1px;
  }
`;

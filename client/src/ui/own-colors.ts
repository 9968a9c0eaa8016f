import { css, unsafeCSS, type CSSResult } from 'lit';

/** Colours and type of page.css, for elements on pages that have none of it. */
export const FALLBACKS: Readonly<Record<string, string>> = {
  bg: 'light-dark(#f3f5f8, #090d14)',
  surface: 'light-dark(#ffffff, #101722)',
  raised: 'light-dark(#ebeff4, #1a2433)',
  line: 'light-dark(#d6dde6, #223044)',
  edge: 'light-dark(#7d8a9d, #5d6d86)',
  text: 'light-dark(#101826, #e9eef6)',
  muted: 'light-dark(#4d5b71, #97a6bd)',
  accent: 'light-dark(#0b6e64, #2dd4bf)',
  'on-accent': 'light-dark(#ffffff, #04211d)',
  live: 'light-dark(#0b7a55, #34d399)',
  danger: 'light-dark(#b3261e, #ff8d85)',
  'on-danger': 'light-dark(#ffffff, #2b0705)',
  warn: 'light-dark(#8a5300, #fbbf24)',
  shadow: 'light-dark(0 1px 2px #1018260d, 0 0 transparent), light-dark(0 6px 20px #10182612, 0 0 transparent)',
  radius: '12px',
  font: 'system-ui, sans-serif',
};

/** A property can't have itself as its own fallback: the host takes the page's value or ours under another name, and `.root` takes the name back. */
const declarations = (template: (name: string, fallback: string) => string): CSSResult =>
  unsafeCSS(
    Object.entries(FALLBACKS)
      .map(([name, fallback]) => template(name, fallback))
      .join('\n'),
  );

/** The page's colours where it has them, else our own, below an element with the class `root`. */
export const ownColors = css`
  :host {
    ${declarations((name, fallback) => `--own-${name}: var(--framelock-${name}, ${fallback});`)}
  }
  .root {
    ${declarations((name) => `--framelock-${name}: var(--own-${name});`)}
    color: var(--framelock-text);
    font-family: var(--framelock-font);
  }
`;

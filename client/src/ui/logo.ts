import { svg, type TemplateResult } from 'lit';

/** The mark: a box inside the corners of its frame. The same drawing as `public/icon.svg`. */
export const logo: TemplateResult = svg`<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
  <rect width="32" height="32" rx="8" fill="#0b1320"/>
  <path d="M6 12V8a2 2 0 0 1 2-2h4M20 6h4a2 2 0 0 1 2 2v4M26 20v4a2 2 0 0 1-2 2h-4M12 26H8a2 2 0 0 1-2-2v-4" fill="none" stroke="#2dd4bf" stroke-width="2.6" stroke-linecap="round"/>
  <rect x="11.5" y="11.5" width="9" height="9" rx="2" fill="#fbbf24"/>
</svg>`;

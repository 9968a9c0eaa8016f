import { svg, type TemplateResult } from 'lit';

/** Icons of ours, 24 × 24, drawn with the text's colour. */
const PATHS = {
  play: 'M8 5.5v13l11-6.5z',
  pause: 'M7 5h3.5v14H7zM13.5 5H17v14h-3.5z',
  stop: 'M7 7h10v10H7z',
  pip: 'M3 5h18v14H3zM12 12h6v4h-6z',
  fullscreen: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  shrink: 'M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5',
  sound: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11',
  soundOff: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5',
  chart: 'M4 20h16M7 16v-4M12 16V5M17 16V9',
  box: 'M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M9.5 9.5h5v5h-5z',
  sliders: 'M4 7h9M19 7h1M16 4.5v5M4 17h3M13 17h7M10 14.5v5',
  keys: 'M3 7h18v10H3zM7 10.5h.01M10.4 10.5h.01M13.7 10.5h.01M17 10.5h.01M8 14h8',
  zone: 'M4 8l9-4 7 7-4 9-10-2zM4 8h.01M13 4h.01M20 11h.01M16 20h.01M6 18h.01',
  undo: 'M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4',
  plus: 'M12 5v14M5 12h14',
  pencil: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  retry: 'M19 12a7 7 0 1 1-2.2-5.1M19 3.5V8h-4.5',
  back: 'M15 5l-7 7 7 7',
  alert: 'M12 4l9 16H3zM12 10v4.5M12 17.2v.3',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  close: 'M6 6l12 12M18 6L6 18',
  sun: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5 8 8 0 1 0 19.5 14.5z',
  screen: 'M3 5h18v11H3zM8.5 20h7M12 16v4',
  camera: 'M3 7h12v10H3zM15 10.5l6-3.5v10l-6-3.5',
  mic: 'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21',
  micOff: 'M9 9v2a3 3 0 0 0 5 2.2M15 10V6a3 3 0 0 0-5.9-.7M5.5 11a6.5 6.5 0 0 0 10.4 5.2M18.3 12.5a6 6 0 0 0 .2-1.5M12 17.5V21M4 3.5l16 17',
  broadcast: 'M12 10.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3M8 16a5.5 5.5 0 0 1 0-8M16 8a5.5 5.5 0 0 1 0 8M5 19a10 10 0 0 1 0-14M19 5a10 10 0 0 1 0 14',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5',
} as const;

const FILLED: readonly string[] = ['play', 'pause', 'stop'];

export type Icon = keyof typeof PATHS;

/** An icon; what it means is said by the label of what it stands in. */
export function icon(name: Icon): TemplateResult {
  const filled = FILLED.includes(name);
  return svg`<svg viewBox="0 0 24 24" width="1.25em" height="1.25em" aria-hidden="true" focusable="false"
    fill=${filled ? 'currentColor' : 'none'} stroke=${filled ? 'none' : 'currentColor'} stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
    <path d=${PATHS[name]}></path></svg>`;
}

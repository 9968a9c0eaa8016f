import { css } from 'lit';

/** A picture with its controls. Colours are fixed where they stand on the picture, whatever the theme. */
export const playerStyles = css`
  :host {
    --accent: var(--framelock-player-accent, #2dd4bf);
    display: block;
    position: relative;
    aspect-ratio: 16 / 9;
    overflow: hidden;
    border-radius: var(--framelock-radius, 12px);
    background: #05080e;
    color: #f3f6fb;
    font: 500 1em/1.4 var(--framelock-font, system-ui, sans-serif);
    container-type: inline-size;
  }
  :host([hidden]) {
    display: none;
  }
  :host(:fullscreen) {
    border-radius: 0;
    aspect-ratio: auto;
  }
  /* What stands on the picture grows with it: all sizes below follow from this one. */
  .stage {
    position: absolute;
    inset: 0;
    outline: none;
    font-size: clamp(12.5px, 10.5px + 0.55cqi, 24px);
  }
  .stage:focus-visible::after {
    content: '';
    position: absolute;
    inset: 0;
    border: 3px solid var(--accent);
    border-radius: inherit;
    pointer-events: none;
  }
  :host(:fullscreen) .resting {
    cursor: none;
  }
  video,
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
    transition: filter 0.3s;
  }
  /* The pointer is over the picture, whatever is drawn upon it. */
  canvas {
    pointer-events: none;
  }
  canvas[hidden] {
    display: none;
  }
  .waiting :is(video, canvas) {
    /* A slate in the picture says the same: it must not be read through the message. */
    filter: grayscale(0.9) brightness(0.5) blur(0.7em);
  }
  slot {
    position: absolute;
    display: block;
    inset: 0;
    pointer-events: none;
  }
  .status {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 0.3em;
    padding: 1em;
    text-align: center;
    text-shadow: 0 1px 3px #000;
    pointer-events: none;
  }
  /* A quick join shows no message at all. */
  .waiting .status {
    animation: appear 0.2s 0.35s both;
  }
  .status strong {
    font-size: 1.15em;
  }
  .status svg {
    font-size: 1.7em;
  }
  .reason {
    max-width: 44ch;
    color: #d5deeb;
    overflow-wrap: anywhere;
  }
  .retry {
    display: inline-flex;
    align-items: center;
    gap: 0.5em;
    width: auto;
    margin-top: 0.5em;
    padding: 0 1em;
    background: #ffffff24;
    pointer-events: auto;
  }
  .status .retry svg {
    font-size: 1.1em;
  }
  .spinner {
    width: 1.8em;
    height: 1.8em;
    border: 3px solid #ffffff38;
    border-top-color: var(--accent);
    border-radius: 50%;
    animation: turn 0.9s linear infinite;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }
  .bar {
    position: absolute;
    inset: auto 0 0 0;
    display: flex;
    align-items: center;
    gap: 2px;
    padding: 2.4em 0.5em 0.5em;
    background: linear-gradient(transparent, #000000cc);
    opacity: 0;
    transition: opacity 0.2s;
  }
  .active .bar,
  .paused .bar,
  .stage:focus-visible .bar,
  .bar:has(:focus-visible) {
    opacity: 1;
  }
  /* There is nothing to hover with. */
  @media (hover: none) {
    .bar {
      opacity: 1;
    }
  }
  .spacer {
    flex: 1;
  }
  button {
    display: inline-grid;
    place-items: center;
    width: max(2.6em, 36px);
    height: max(2.6em, 36px);
    padding: 0;
    border: 0;
    border-radius: 8px;
    background: transparent;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  button svg {
    font-size: 1.1em;
  }
  button:hover {
    background: #ffffff2b;
  }
  button:focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: -2px;
  }
  button[aria-pressed='true'] {
    color: var(--accent);
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: 0.45em;
    padding: 0 0.5em;
    font-size: 0.92em;
    font-weight: 600;
    white-space: nowrap;
  }
  .badge::before {
    content: '';
    width: 0.6em;
    height: 0.6em;
    border-radius: 50%;
    background: #fbbf24;
  }
  .live .badge::before {
    background: #34d399;
  }
  .panel {
    position: absolute;
    top: 0.8em;
    left: 0.8em;
    box-sizing: border-box;
    max-width: calc(100% - 1.6em);
    max-height: calc(100% - 1.6em);
    padding: 0.7em 1em;
    overflow: auto;
    border-radius: 8px;
    background: #070c14e6;
    font-size: 0.9em;
    font-variant-numeric: tabular-nums;
  }
  .keys {
    inset: auto 0.8em 4em auto;
    max-height: calc(100% - 4.8em);
  }
  .boxes {
    inset: 0.8em 0.8em 4em auto;
    display: grid;
    align-content: start;
    gap: 0.7em;
    width: min(19em, calc(100% - 1.6em));
    max-height: none;
    padding-bottom: 1em;
  }
  .boxes header {
    display: flex;
    align-items: center;
    justify-content: space-between;
  }
  .boxes fieldset {
    display: grid;
    gap: 0.15em;
    margin: 0;
    padding: 0;
    border: 0;
  }
  .boxes fieldset[disabled] {
    color: #93a1b5;
  }
  .boxes legend {
    padding: 0 0 0.25em;
    color: #b6c3d6;
  }
  .boxes p {
    margin: 0.3em 0 0;
    color: #d5deeb;
  }
  .boxes label {
    display: flex;
    align-items: center;
    gap: 0.5em;
    min-height: 1.9em;
  }
  .boxes label.range {
    display: grid;
  }
  .boxes label.range span {
    display: flex;
    justify-content: space-between;
  }
  .boxes input {
    accent-color: var(--accent);
    margin: 0;
  }
  .boxes :is(input, button):focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .boxes ul {
    margin: 0.3em 0 0;
    padding: 0;
    list-style: none;
  }
  .boxes li button {
    display: flex;
    align-items: center;
    gap: 0.5em;
    width: 100%;
    height: auto;
    min-height: 1.9em;
    padding: 0.1em 0.4em;
    text-align: left;
  }
  .boxes li span:first-of-type {
    flex: 1;
  }
  :is(.boxes, .details) i {
    flex: none;
    width: 0.75em;
    height: 0.75em;
    border: 2px solid var(--color);
    border-radius: 3px;
  }
  .said {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .details {
    position: absolute;
    max-width: 22em;
    padding: 0.6em 0.8em;
    border-left: 3px solid var(--color);
    border-radius: 8px;
    background: #070c14e6;
    font-size: 0.9em;
    font-variant-numeric: tabular-nums;
    pointer-events: none;
  }
  .details strong {
    display: flex;
    align-items: center;
    gap: 0.5em;
    margin-bottom: 0.3em;
  }
  dl {
    display: grid;
    grid-template-columns: auto auto;
    gap: 0.15em 1.4em;
    margin: 0;
  }
  .keys dl {
    gap: 0.45em 1em;
    margin-top: 0.6em;
    justify-content: start;
  }
  dl div {
    display: contents;
  }
  dt {
    color: #b6c3d6;
    white-space: nowrap;
  }
  dd {
    margin: 0;
    text-align: right;
    white-space: nowrap;
  }
  .keys dd {
    text-align: left;
  }
  kbd {
    display: inline-block;
    min-width: 1.2em;
    margin-right: 0.3em;
    padding: 0 0.4em;
    border: 1px solid #ffffff59;
    border-radius: 4px;
    color: #f3f6fb;
    font: inherit;
    font-size: 0.92em;
    text-align: center;
  }
  @media (prefers-reduced-motion: reduce) {
    video,
    canvas,
    .bar {
      transition: none;
    }
    .waiting .status {
      animation: none;
    }
    .spinner {
      animation-duration: 4s;
    }
  }
`;

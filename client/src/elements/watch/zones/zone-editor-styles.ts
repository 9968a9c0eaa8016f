import { css } from 'lit';

/** Zones and lines over a picture, and their tools below it. */
export const zoneEditorStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
  }
  .picture {
    position: relative;
  }
  .canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    border-radius: var(--framelock-radius, 12px);
    touch-action: none;
    background: #05080e40;
  }
  .canvas.drawing {
    cursor: crosshair;
  }
  .area {
    fill: var(--color);
    fill-opacity: 0.22;
  }
  .active .area {
    fill-opacity: 0.34;
  }
  .contour,
  .stroke,
  .grip,
  .arrow {
    fill: none;
    vector-effect: non-scaling-stroke;
    stroke-linejoin: round;
    stroke-linecap: round;
  }
  .contour {
    stroke: #05080e;
    stroke-opacity: 0.75;
    stroke-width: 5;
  }
  .stroke,
  .arrow {
    stroke: var(--color);
    stroke-width: 2.5;
  }
  .arrow {
    stroke-width: 3.5;
  }
  .draft .stroke {
    stroke-dasharray: 8 5;
  }
  .grip {
    cursor: move;
    stroke: transparent;
    stroke-width: 18;
    pointer-events: stroke;
  }
  .grip.filled {
    fill: transparent;
    pointer-events: all;
  }
  .drawing .grip {
    pointer-events: none;
  }
  .name {
    fill: #fff;
    stroke: #05080e;
    paint-order: stroke;
    font-family: var(--framelock-font, system-ui, sans-serif);
    font-weight: 650;
    pointer-events: none;
  }
  .dot {
    fill: #fff;
    stroke: var(--color);
    stroke-width: 3;
    vector-effect: non-scaling-stroke;
  }
  .dot.first {
    fill: var(--color);
    stroke: #fff;
  }
  .middle .dot {
    fill: var(--color);
    stroke: #05080e;
    stroke-width: 1;
    opacity: 0.8;
  }
  .reach {
    fill: transparent;
  }
  .ring {
    fill: none;
    stroke: transparent;
    stroke-width: 2.5;
    vector-effect: non-scaling-stroke;
  }
  .handle,
  .middle {
    cursor: grab;
    outline: none;
  }
  .handle:focus .ring {
    stroke: #fff;
  }
  .handle:focus .dot {
    fill: var(--color);
  }
  .tools {
    display: grid;
    gap: 0.8rem;
    padding: 1rem 1.2rem;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.6rem;
  }
  .grow {
    flex: 1;
  }
  .button[disabled] {
    cursor: default;
  }
  .button[aria-pressed='true'] {
    border-color: var(--framelock-accent);
    box-shadow: inset 0 0 0 1px var(--framelock-accent);
  }
  .drawing-help {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.6rem;
  }
  .drawing-help span {
    flex: 1 1 16rem;
  }
  .shapes {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .shape-button {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    min-height: 2.2rem;
    padding: 0 0.8rem;
    border: 1px solid var(--framelock-line);
    border-radius: 999px;
    background: var(--framelock-bg);
    color: var(--framelock-text);
    font: inherit;
    cursor: pointer;
  }
  .shape-button[aria-pressed='true'] {
    border-color: var(--framelock-accent);
    background: var(--framelock-raised);
    box-shadow: inset 0 0 0 1px var(--framelock-accent);
  }
  .shape-button i {
    width: 0.9rem;
    height: 0.9rem;
    border: 3px solid var(--color);
    border-radius: 4px;
    background: color-mix(in srgb, var(--color) 25%, transparent);
  }
  .shape-button i.line {
    height: 0;
    border-width: 2.5px 0 0;
    border-radius: 0;
  }
  .wrong {
    display: inline-flex;
    color: var(--framelock-danger);
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr));
    gap: 0.8rem;
    align-items: end;
    padding-top: 0.8rem;
    border-top: 1px solid var(--framelock-line);
  }
  .fields .wide {
    grid-column: 1 / -1;
  }
`;

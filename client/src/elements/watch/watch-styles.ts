import { css } from 'lit';

/** The page of one stream. */
export const watchStyles = css`
  .title {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.2rem 1rem;
    margin-bottom: 1rem;
  }
  .layout {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(16rem, 22rem);
    gap: clamp(1rem, 1.4vw, 1.75rem);
    align-items: start;
  }
  @media (max-width: 900px) {
    .layout {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  .stage,
  aside {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
  }
  framelock-player {
    width: 100%;
    max-height: max(16rem, calc(100dvh - 18.5rem));
  }
  .tiles {
    display: grid;
    grid-template-columns: 1.6fr repeat(3, 1fr);
    margin: 0;
  }
  .tile {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0 1rem;
    align-items: end;
    align-content: start;
    min-width: 0;
    padding: 0.75rem 1.1rem;
    border-left: 1px solid var(--framelock-line);
  }
  .tile:first-child {
    border-left: 0;
  }
  .tile dt {
    grid-column: 1 / -1;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 0.84rem;
  }
  .tile dd {
    white-space: nowrap;
    text-align: left;
    font-size: 1.35rem;
    font-weight: 650;
    line-height: 1.4;
    letter-spacing: -0.01em;
  }
  .tile dd small {
    color: var(--framelock-muted);
    font-size: 0.84rem;
    font-weight: 400;
    letter-spacing: 0;
  }
  .tile svg {
    display: block;
    width: 100%;
    height: 1.85rem;
    color: var(--framelock-accent);
  }
  @media (max-width: 700px) {
    .tiles {
      grid-template-columns: repeat(3, 1fr);
    }
    .tile {
      padding: 0.6rem 0.7rem;
    }
    .tile:first-child {
      grid-column: 1 / -1;
      border-bottom: 1px solid var(--framelock-line);
    }
    .tile:nth-child(2) {
      border-left: 0;
    }
    .tile dd {
      font-size: 1.1rem;
    }
  }
  section {
    padding: 1rem 1.2rem 1.1rem;
  }
  h2 {
    margin-bottom: 0.7rem;
  }
  dt {
    color: var(--framelock-muted);
  }
  dd {
    margin: 0;
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }
  .details {
    display: grid;
    gap: 0.5rem;
    margin: 0;
    font-size: 0.92rem;
  }
  .details div {
    display: flex;
    justify-content: space-between;
    gap: 1.2rem;
  }
  .details dt {
    flex: none;
  }
  .details dd {
    text-align: right;
  }
  .details .wide {
    display: block;
  }
  .details .wide dd {
    text-align: left;
  }
  .details .right {
    color: var(--framelock-live);
    font-weight: 650;
  }
  .lock p {
    margin-bottom: 0.7rem;
  }
  .details .wrong {
    color: var(--framelock-danger);
  }
  .counts {
    display: grid;
    align-content: start;
    gap: 0.4rem;
    /* A few kinds of things come and go without moving what is below. */
    min-height: 5.6rem;
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .counts li {
    display: flex;
    align-items: center;
    gap: 0.6rem;
  }
  .counts i {
    width: 0.9rem;
    height: 0.9rem;
    border: 3px solid var(--color);
    border-radius: 4px;
    background: color-mix(in srgb, var(--color) 25%, transparent);
  }
  .counts b {
    margin-left: auto;
    font-size: 1.1rem;
    font-variant-numeric: tabular-nums;
  }
  .draw {
    margin-left: auto;
  }
  .shapes {
    display: grid;
    gap: 1rem;
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .shapes h3 {
    display: flex;
    align-items: center;
    gap: 0.6rem;
    font-size: 0.95rem;
    overflow-wrap: anywhere;
  }
  .shapes i {
    flex: none;
    width: 0.9rem;
    height: 0.9rem;
    border: 3px solid var(--color);
    border-radius: 4px;
    background: color-mix(in srgb, var(--color) 25%, transparent);
  }
  .shapes i.line {
    height: 0;
    border-width: 3px 0 0;
    border-radius: 0;
  }
  .shapes dl {
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem 1.4rem;
    margin: 0.2rem 0 0.4rem;
    font-size: 0.86rem;
  }
  .shapes dd {
    font-size: 1.1rem;
    font-weight: 650;
  }
  .shapes svg {
    display: block;
    width: 100%;
    height: 1.9rem;
  }
  .shapes .up {
    fill: var(--framelock-accent);
  }
  .shapes .down {
    fill: var(--framelock-warn);
  }
  .shapes .ground {
    stroke: var(--framelock-line);
  }
`;

import { css } from 'lit';

/** Two pictures side by side, what is chosen below them, and what is measured. */
export const publisherStyles = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  :host([hidden]) {
    display: none;
  }
  .root {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
    line-height: 1.5;
  }
  .pictures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr));
    gap: clamp(0.8rem, 1.2cqi, 1.6rem);
  }
  .stage {
    position: relative;
    aspect-ratio: 16 / 9;
    overflow: hidden;
    border-radius: var(--framelock-radius);
    background: #05080e;
    color: #f3f6fb;
    container-type: inline-size;
  }
  .stage > * {
    position: absolute;
    inset: 0;
  }
  /* What stands on a picture grows with it. */
  .stage .over {
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 0.35em;
    padding: 2.6em 1em 1em;
    font-size: clamp(12.5px, 10.5px + 0.55cqi, 24px);
    text-align: center;
    text-shadow: 0 1px 3px #000;
  }
  .stage .over svg {
    font-size: 1.8em;
    color: #2dd4bf;
  }
  .stage .over.wrong svg {
    color: #fbbf24;
  }
  .over strong {
    font-size: 1.15em;
  }
  .over span {
    max-width: 44ch;
    text-wrap: balance;
    color: #d5deeb;
    overflow-wrap: anywhere;
  }
  video {
    width: 100%;
    height: 100%;
    object-fit: contain;
    transition: filter 0.3s;
  }
  video.mirrored {
    transform: scaleX(-1);
  }
  video.dim {
    filter: grayscale(0.9) brightness(0.4);
  }
  .stage .badge {
    inset: 0.7em auto auto 0.7em;
    display: inline-flex;
    align-items: center;
    gap: 0.5em;
    padding: 0.2em 0.75em;
    border-radius: 999px;
    background: #070c14cc;
    font-size: clamp(12px, 10px + 0.5cqi, 22px);
    font-weight: 600;
  }
  .badge.live::before,
  .badge.busy::before {
    content: '';
    width: 0.62em;
    height: 0.62em;
    border-radius: 50%;
    background: #34d399;
  }
  .badge.busy::before {
    background: #fbbf24;
  }
  framelock-player {
    width: 100%;
    height: 100%;
    border-radius: 0;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.7rem;
    padding: 0.8rem;
  }
  .bar .actions {
    display: flex;
    flex: 1 1 auto;
    flex-wrap: wrap;
    justify-content: end;
    gap: 0.6rem;
  }
  .group {
    display: flex;
    flex: 0 1 auto;
    align-items: center;
    gap: 0.4rem;
    min-width: 0;
  }
  select.input {
    width: auto;
    min-width: 0;
    max-width: min(18rem, 100%);
    min-height: 2.6rem;
    text-overflow: ellipsis;
  }
  .segmented span {
    gap: 0.4rem;
    grid-auto-flow: column;
    justify-content: center;
    height: 2.1rem;
  }
  .button.icon[aria-pressed='true'] {
    color: var(--framelock-live);
  }
  .button[aria-disabled='true'] {
    opacity: 0.65;
    cursor: progress;
  }
  @container (max-width: 34rem) {
    .group {
      flex: 1 1 auto;
    }
    .group.kinds {
      flex-basis: 100%;
    }
    .group select.input {
      flex: 1;
      max-width: none;
    }
    .group.kinds .segmented {
      flex: 1;
    }
    .group.kinds .segmented label,
    .group.kinds .segmented span,
    .actions .button {
      flex: 1;
    }
  }
  .error {
    font-size: 0.95rem;
  }
  /* It is there before it says something, as screen readers want it, and takes no room. */
  .notice:not(:has(*)) {
    position: absolute;
  }
  .tiles {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
    margin: 0;
    padding: 0.35rem 0.2rem;
  }
  .tiles div {
    min-width: 0;
    padding: 0.4rem 0.9rem;
  }
  .tiles dt {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: var(--framelock-muted);
    font-size: 0.84rem;
  }
  .tiles dd {
    margin: 0;
    font-size: 1.2rem;
    font-weight: 650;
    font-variant-numeric: tabular-nums;
    letter-spacing: -0.01em;
  }
  .tiles dd small {
    color: var(--framelock-muted);
    font-size: 0.84rem;
    font-weight: 400;
    letter-spacing: 0;
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    video {
      transition: none;
    }
  }
`;

import { css } from 'lit';

/** Buttons, fields and badges of the application. */
export const sharedStyles = css`
  :host {
    display: block;
  }
  * {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p {
    margin: 0;
  }
  h1 {
    font-size: 1.6rem;
    letter-spacing: -0.01em;
  }
  a {
    color: var(--framelock-accent);
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.45rem;
    min-height: 2.6rem;
    padding: 0 1rem;
    border: 1px solid var(--framelock-line);
    border-radius: 10px;
    background: var(--framelock-surface);
    color: var(--framelock-text);
    font: inherit;
    font-weight: 600;
    text-decoration: none;
    cursor: pointer;
  }
  .button:hover {
    background: var(--framelock-raised);
  }
  .button.primary {
    border-color: transparent;
    background: var(--framelock-accent);
    color: var(--framelock-on-accent);
  }
  .button.primary:hover {
    filter: brightness(1.08);
  }
  .button.danger {
    border-color: transparent;
    background: var(--framelock-danger);
    color: light-dark(#fff, #2b0705);
  }
  .button.icon {
    min-width: 2.6rem;
    padding: 0;
    border-color: transparent;
    background: transparent;
    color: var(--framelock-muted);
  }
  .button.icon:hover {
    color: var(--framelock-text);
    background: var(--framelock-raised);
  }
  .button[disabled] {
    opacity: 0.6;
    cursor: progress;
  }
  :focus-visible {
    outline: 3px solid var(--framelock-accent);
    outline-offset: 2px;
  }
  .muted {
    color: var(--framelock-muted);
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 0.4rem;
    font-weight: 600;
    font-size: 0.85rem;
    white-space: nowrap;
  }
  .state::before {
    content: '';
    width: 0.6em;
    height: 0.6em;
    border-radius: 50%;
    background: var(--framelock-muted);
  }
  .state.live::before {
    background: light-dark(#0e9f6e, #34d399);
  }
  .state.connecting::before,
  .state.retrying::before,
  .state.stalled::before {
    background: var(--framelock-warn);
  }
  .state.failed::before {
    background: var(--framelock-danger);
  }
  .chip {
    display: inline-block;
    padding: 0.05rem 0.55rem;
    border-radius: 999px;
    background: var(--framelock-raised);
    font-size: 0.8rem;
  }
`;

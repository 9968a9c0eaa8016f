import { css } from 'lit';

/** Type, buttons, fields and states of the application. */
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
    font-size: 1.65rem;
    line-height: 1.25;
    letter-spacing: -0.015em;
    overflow-wrap: anywhere;
  }
  h2 {
    font-size: 1.05rem;
    line-height: 1.35;
    overflow-wrap: anywhere;
  }
  a {
    color: var(--framelock-accent);
  }
  :focus-visible {
    outline: 3px solid var(--framelock-accent);
    outline-offset: 2px;
  }
  .muted {
    color: var(--framelock-muted);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .panel {
    border: 1px solid var(--framelock-line);
    border-radius: var(--framelock-radius);
    background: var(--framelock-surface);
    box-shadow: var(--framelock-shadow);
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
    min-height: 2.6rem;
    padding: 0 1.05rem;
    border: 1px solid var(--framelock-line);
    border-radius: 10px;
    background: var(--framelock-surface);
    color: var(--framelock-text);
    font: inherit;
    font-weight: 600;
    text-decoration: none;
    white-space: nowrap;
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
  .button.danger {
    border-color: transparent;
    background: var(--framelock-danger);
    color: var(--framelock-on-danger);
  }
  .button.primary:hover,
  .button.danger:hover {
    filter: brightness(1.08);
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
    opacity: 0.65;
    cursor: progress;
  }
  .field {
    display: grid;
    gap: 0.35rem;
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  .field > label,
  legend {
    padding: 0;
    font-weight: 600;
  }
  legend {
    margin-bottom: 0.35rem;
  }
  .help {
    color: var(--framelock-muted);
    font-size: 0.86rem;
  }
  .input {
    width: 100%;
    min-height: 2.7rem;
    padding: 0 0.8rem;
    border: 1px solid var(--framelock-edge);
    border-radius: 10px;
    background: var(--framelock-bg);
    color: inherit;
    font: inherit;
  }
  .input[aria-invalid='true'] {
    border-color: var(--framelock-danger);
    box-shadow: inset 0 0 0 1px var(--framelock-danger);
  }
  .error {
    display: flex;
    gap: 0.45rem;
    color: var(--framelock-danger);
    font-size: 0.9rem;
    overflow-wrap: anywhere;
  }
  .error svg {
    flex: none;
    margin-top: 0.1em;
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 0.45rem;
    color: var(--framelock-muted);
    font-weight: 600;
    font-size: 0.86rem;
    white-space: nowrap;
  }
  .state::before {
    content: '';
    flex: none;
    width: 0.62em;
    height: 0.62em;
    border-radius: 50%;
    background: currentColor;
  }
  .state.live {
    color: var(--framelock-live);
  }
  .state.live::before {
    box-shadow: 0 0 0 0.25em color-mix(in srgb, currentColor 22%, transparent);
  }
  .state.connecting,
  .state.retrying,
  .state.stalled {
    color: var(--framelock-warn);
  }
  .state.failed {
    color: var(--framelock-danger);
  }
  .chip {
    display: inline-block;
    max-width: 100%;
    padding: 0.08rem 0.6rem;
    border-radius: 999px;
    background: var(--framelock-raised);
    font-size: 0.82rem;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  dialog {
    width: min(36rem, calc(100vw - 1.5rem));
    max-height: calc(100dvh - 1.5rem);
    padding: 1.5rem;
    border: 1px solid var(--framelock-line);
    border-radius: 16px;
    background: var(--framelock-surface);
    color: var(--framelock-text);
    box-shadow: 0 24px 64px #00000059;
  }
  dialog::backdrop {
    background: #04070db3;
  }
  dialog footer {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: 0.6rem;
  }
  /* The way back, above the heading of a page. */
  .back {
    display: inline-flex;
    align-items: center;
    gap: 0.3rem;
    margin: 0 0 0.5rem -0.3rem;
    padding: 0.2rem 0.5rem 0.2rem 0.1rem;
    border-radius: 8px;
    font-weight: 600;
    text-decoration: none;
  }
`;

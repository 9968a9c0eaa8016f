import { css } from 'lit';

/** The form about a stream. */
export const dialogStyles = css`
  dialog {
    padding: 0;
    /* What is focused is not left below the footer. */
    scroll-padding-bottom: 5rem;
  }
  form {
    display: grid;
    gap: 1.15rem;
  }
  header,
  .fields,
  footer {
    padding: 0 1.5rem;
  }
  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1rem;
    padding-top: 1.1rem;
    padding-right: 1rem;
  }
  h2 {
    font-size: 1.3rem;
  }
  .fields {
    display: grid;
    gap: 1.15rem;
  }
  /* What ends the form is always in sight. */
  footer {
    position: sticky;
    bottom: 0;
    padding-block: 0.9rem;
    border-top: 1px solid var(--framelock-line);
    background: var(--framelock-surface);
  }
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr));
    gap: 1.15rem;
    align-items: start;
  }
  .options {
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem 1.4rem;
  }
  .stack {
    display: grid;
    gap: 0.1rem;
  }
  .option {
    display: flex;
    gap: 0.55rem;
    align-items: flex-start;
    padding: 0.3rem 0;
    cursor: pointer;
  }
  .option input {
    flex: none;
    width: 1.15rem;
    height: 1.15rem;
    margin: 0.18em 0 0;
    accent-color: var(--framelock-accent);
  }
  .option small {
    display: block;
    color: var(--framelock-muted);
    font-size: 0.86rem;
  }
  .input.short {
    max-width: 9rem;
  }
  .grid {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 9rem), 1fr));
    gap: 0.1rem 0.4rem;
    margin-bottom: 0.3rem;
  }
  .devices {
    display: grid;
    gap: 0.4rem;
    margin-top: -0.6rem;
  }
  .devices .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  p#devices {
    margin-top: -0.95rem;
  }
  .device {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    max-width: 100%;
    min-height: 2.3rem;
    padding: 0.2rem 0.85rem;
    border: 1px solid var(--framelock-edge);
    border-radius: 999px;
    background: transparent;
    color: inherit;
    font: inherit;
    font-size: 0.92rem;
    text-align: start;
    overflow-wrap: anywhere;
    cursor: pointer;
  }
  .device svg {
    flex: none;
  }
  .device:hover:not([disabled]) {
    background: var(--framelock-raised);
  }
  .device[aria-pressed='true'] {
    border-color: var(--framelock-accent);
    box-shadow: inset 0 0 0 1px var(--framelock-accent);
    font-weight: 600;
  }
  .device[disabled] {
    color: var(--framelock-muted);
    cursor: not-allowed;
  }
  /* What most people leave as it is: closed, with what it says now. */
  .sections {
    border: 1px solid var(--framelock-line);
    border-radius: 12px;
    overflow: hidden;
  }
  .section + .section {
    border-top: 1px solid var(--framelock-line);
  }
  summary {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 0 1rem;
    align-items: center;
    padding: 0.7rem 1rem;
    list-style: none;
    cursor: pointer;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary::after {
    content: '';
    grid-area: 1 / 2 / 3;
    width: 0.5rem;
    height: 0.5rem;
    border: solid var(--framelock-muted);
    border-width: 0 2px 2px 0;
    transform: rotate(45deg) translate(-2px, -2px);
  }
  details[open] > summary::after {
    transform: rotate(-135deg) translate(-2px, -2px);
  }
  summary:hover {
    background: var(--framelock-raised);
  }
  summary:focus-visible {
    outline-offset: -3px;
  }
  .title {
    font-weight: 600;
  }
  .now {
    color: var(--framelock-muted);
    font-size: 0.86rem;
    overflow-wrap: anywhere;
  }
  .content {
    display: grid;
    gap: 1.15rem;
    padding: 0.5rem 1rem 1.1rem;
  }
  .rows {
    display: grid;
    gap: 0.6rem;
  }
  .row {
    display: grid;
    grid-template-columns: minmax(7rem, 1fr) minmax(12rem, 1.6fr);
    gap: 0.2rem 1rem;
    align-items: center;
    overflow-wrap: anywhere;
  }
  .row .help {
    grid-column: 2;
  }
  .attach {
    display: grid;
    gap: 0.6rem;
  }
  .attach .field > label {
    font-weight: 400;
  }
  .look {
    display: grid;
    grid-template-columns: minmax(4rem, 1fr) minmax(7rem, 1.6fr) 2.7rem 2.6rem;
    gap: 0.2rem 0.6rem;
    align-items: center;
    overflow-wrap: anywhere;
  }
  .color {
    width: 100%;
    height: 2.7rem;
    padding: 3px;
    border: 1px solid var(--framelock-edge);
    border-radius: 10px;
    background: var(--framelock-bg);
    cursor: pointer;
  }
  .choice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem 1rem;
    font-weight: 600;
  }
  @media (max-width: 30rem) {
    .row {
      grid-template-columns: 1fr;
    }
    .row .help {
      grid-column: 1;
    }
  }
  .models {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr));
    gap: 0 1rem;
    max-height: 13rem;
    margin-top: 0.3rem;
    padding: 0.4rem 0.9rem;
    overflow: auto;
    border: 1px solid var(--framelock-line);
    border-radius: 10px;
    overflow-wrap: anywhere;
  }
`;

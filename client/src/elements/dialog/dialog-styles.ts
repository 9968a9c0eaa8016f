import { css } from 'lit';

/** The form about a stream. */
export const dialogStyles = css`
  dialog {
    padding: 0;
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

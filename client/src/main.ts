/** The application's entry: defines the elements that its pages are made of. */
import './elements.ts';
import { FramelockApp } from './elements/framelock-app.ts';
import { FramelockOverview } from './elements/framelock-overview.ts';
import { FramelockWatch } from './elements/framelock-watch.ts';
import { StreamCard } from './elements/stream-card.ts';
import { StreamDialog } from './elements/stream-dialog.ts';

customElements.define('stream-card', StreamCard);
customElements.define('stream-dialog', StreamDialog);
customElements.define('framelock-overview', FramelockOverview);
customElements.define('framelock-watch', FramelockWatch);
customElements.define('framelock-app', FramelockApp);

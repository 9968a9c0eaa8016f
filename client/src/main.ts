/** The application's entry: defines the elements that its pages are made of. */
import './elements.ts';
import { RemoveDialog } from './elements/dialog/remove-dialog.ts';
import { StreamDialog } from './elements/dialog/stream-dialog.ts';
import { TagInput } from './elements/dialog/tag-input.ts';
import { FramelockApp } from './elements/framelock-app.ts';
import { FramelockOverview } from './elements/framelock-overview.ts';
import { FramelockPublish } from './elements/framelock-publish.ts';
import { FramelockWatch } from './elements/framelock-watch.ts';
import { FramelockZoneEditor } from './elements/framelock-zone-editor.ts';
import { SignIn } from './elements/sign-in.ts';
import { StreamCard } from './elements/stream-card.ts';
import { applicationEn } from './i18n/application/en.ts';
import { applicationZhCN } from './i18n/application/zh-CN.ts';
import { addMessages } from './i18n/format.ts';

addMessages({ en: applicationEn, 'zh-CN': applicationZhCN });
customElements.define('framelock-sign-in', SignIn);
customElements.define('framelock-stream-card', StreamCard);
customElements.define('framelock-tag-input', TagInput);
customElements.define('framelock-stream-dialog', StreamDialog);
customElements.define('framelock-remove-dialog', RemoveDialog);
customElements.define('framelock-overview', FramelockOverview);
customElements.define('framelock-publish', FramelockPublish);
customElements.define('framelock-zone-editor', FramelockZoneEditor);
customElements.define('framelock-watch', FramelockWatch);
customElements.define('framelock-app', FramelockApp);

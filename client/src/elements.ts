/** The elements for foreign pages: `<script type="module" src="http://SERVER/framelock-elements.js"></script>`. */
import { FramelockPlayer } from './elements/framelock-player.ts';
import { FramelockPublisher } from './elements/framelock-publisher.ts';

export { FramelockPlayer, FramelockPublisher };

if (customElements.get('framelock-player') === undefined) customElements.define('framelock-player', FramelockPlayer);
if (customElements.get('framelock-publisher') === undefined) customElements.define('framelock-publisher', FramelockPublisher);

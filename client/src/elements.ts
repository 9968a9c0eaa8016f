/** The elements for foreign pages: `<script type="module" src="http://SERVER/framelock-elements.js"></script>`. */
import { FramelockPlayer } from './elements/framelock-player.ts';

export { FramelockPlayer };

if (customElements.get('framelock-player') === undefined) customElements.define('framelock-player', FramelockPlayer);

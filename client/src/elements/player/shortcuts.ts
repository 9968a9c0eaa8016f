import type { Key } from '../../i18n/localizer.ts';

/** What a person can do with a player. */
export type PlayerAction = 'play' | 'sound' | 'boxes' | 'choices' | 'figures' | 'help' | 'pip' | 'fullscreen';

/** Keys as `KeyboardEvent.key` has them, in lower case; the first of an action is the one that its button names. */
export const SHORTCUTS: Readonly<Record<PlayerAction, readonly string[]>> = {
  play: [' ', 'k'],
  sound: ['m'],
  boxes: ['b'],
  choices: ['o'],
  figures: ['i'],
  help: ['?', 'h'],
  pip: ['p'],
  fullscreen: ['f'],
};

const NAMES: Readonly<Record<string, Key>> = { ' ': 'player.key.space' };

/** The action of a key; undefined where it has none, or means something to the browser. */
export function actionOf({ key, ctrlKey, metaKey, altKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): PlayerAction | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const pressed = key.toLowerCase();
  return (Object.keys(SHORTCUTS) as PlayerAction[]).find((action) => SHORTCUTS[action].includes(pressed));
}

/** How a key is written on a key cap. */
export function keyName(key: string, t: (key: Key) => string): string {
  const name = NAMES[key];
  return name === undefined ? key.toUpperCase() : t(name);
}

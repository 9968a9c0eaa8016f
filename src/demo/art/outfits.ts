import { rgb, type Rgb } from '../colour.ts';
import type { Random } from '../random.ts';
import type { Palette } from '../template.ts';

/** Parts of a person whose colours are chosen. `extra` is a bag, a cap or a helmet. */
export const PERSON_SLOTS = ['skin', 'hair', 'top', 'bottom', 'shoes', 'extra'] as const;

/** A cut of clothes and hair; colours are another matter. */
export interface Outfit {
  readonly hair: 'short' | 'long' | 'tail' | 'bun' | 'cap' | 'helmet';
  readonly sleeves: 'short' | 'long';
  readonly legs: 'trousers' | 'shorts' | 'skirt';
  /** A dress is one piece: skirt and top have one colour. */
  readonly pieces: 'one' | 'two';
  /** How far the top or skirt reaches below the hip, cm; 0 where trousers show from the belt on. */
  readonly hem: number;
  readonly pack: 'none' | 'backpack' | 'bag';
  readonly hood: boolean;
  /** Height, as a share of 172 cm: from, to. */
  readonly height: readonly [number, number];
}

const PLAIN: Outfit = { hair: 'short', sleeves: 'long', legs: 'trousers', pieces: 'two', hem: 0, pack: 'none', hood: false, height: [0.97, 1.07] };

/** What people in the street wear. */
export const OUTFITS: readonly [Outfit, ...Outfit[]] = [
  PLAIN,
  { ...PLAIN, hood: true, pack: 'backpack' },
  { ...PLAIN, hair: 'long', sleeves: 'short', legs: 'skirt', pieces: 'one', hem: 36, height: [0.91, 1] },
  { ...PLAIN, hair: 'bun', hem: 30, pack: 'bag', height: [0.92, 1] },
  { ...PLAIN, hair: 'cap', sleeves: 'short', legs: 'shorts' },
  { ...PLAIN, hair: 'tail', legs: 'skirt', hem: 26, pack: 'bag', height: [0.9, 0.98] },
  { ...PLAIN, hair: 'long', sleeves: 'short', pack: 'backpack', height: [0.92, 1] },
  { ...PLAIN, hem: 22, hair: 'short' },
  { ...PLAIN, hair: 'tail', sleeves: 'short', legs: 'shorts', pack: 'backpack', height: [0.66, 0.8] },
];

/** What people on bicycles wear. */
export const RIDER_OUTFITS: readonly [Outfit, ...Outfit[]] = [
  { ...PLAIN, hair: 'helmet', sleeves: 'short', legs: 'shorts' },
  { ...PLAIN, hair: 'tail' },
  { ...PLAIN, hair: 'helmet', pack: 'backpack' },
];

const some = (...colours: [string, ...string[]]): [Rgb, ...Rgb[]] => colours.map(rgb) as [Rgb, ...Rgb[]];

const SKIN = some('#f3cfb3', '#e8b792', '#d99e73', '#c98a5e', '#a56b43', '#7d4e30', '#5e3a25');
const HAIR = some('#2a211d', '#3d2b22', '#5b3a26', '#8a5a33', '#c79a58', '#a33d20', '#9b9a98', '#191a20');
const TOP = some(
  '#e4572e',
  '#f2a541',
  '#2e86ab',
  '#3b8f6f',
  '#f0ece2',
  '#30384c',
  '#8e4a6b',
  '#c8443c',
  '#5b6c8f',
  '#e8c547',
  '#6a9a8b',
  '#d98fa6',
  '#4a4e69',
  '#7a9e3d',
);
const BOTTOM = some('#2b3a55', '#3c4454', '#27272d', '#6b5b4b', '#8c8372', '#4a5a6a', '#57463c', '#b8ad96', '#3f5a4c');
const SHOES = some('#2a2422', '#f1efe9', '#7a4b2f', '#33415c', '#b23a3a');
const EXTRA = some('#b5482f', '#2f4858', '#e0b04a', '#51673f', '#6b4f7a', '#26282d', '#c9c4b8', '#2a7f8e');

/** Colours of a person; hair and skin, tops and the rest are drawn one by one. */
export function personPalette(random: Random): Palette {
  const skin = random.pick(SKIN);
  return {
    skin,
    hair: random.pick(HAIR),
    top: random.pick(TOP),
    bottom: random.pick(BOTTOM),
    shoes: random.pick(SHOES),
    extra: random.pick(EXTRA),
  };
}

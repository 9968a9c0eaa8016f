import type { StreamView } from '../../api/api.ts';

type Looks = Pick<StreamView['overlay'], 'names' | 'colors'>;

/** How things of one label are drawn. */
export interface LabelLook {
  /** As models say it. */
  readonly label: string;
  /** What is drawn instead; empty: the label. */
  readonly name: string;
  /** `#rrggbb`; empty: the label's usual colour. */
  readonly color: string;
}

/** The labels that have a name or a colour of their own, those with a name first. */
export function looksOf({ names, colors }: Looks): readonly LabelLook[] {
  const labels = [...new Set([...Object.keys(names), ...Object.keys(colors)])];
  return labels.map((label) => ({ label, name: own(names, label), color: own(colors, label) }));
}

/** The looks of exactly these labels: those that there are stay, others are as usual. */
export function withLabels(looks: readonly LabelLook[], labels: readonly string[]): readonly LabelLook[] {
  return labels.map((label) => looks.find((look) => look.label === label) ?? { label, name: '', color: '' });
}

/** Of names and colours those that differ from what the stream has; each is said as a whole. */
export function lookChanges(looks: readonly LabelLook[], before: Looks): Partial<Looks> {
  const [now, then] = [mapsOf(looks), mapsOf(looksOf(before))];
  return {
    ...(same(now.names, then.names) ? {} : { names: now.names }),
    ...(same(now.colors, then.colors) ? {} : { colors: now.colors }),
  };
}

function mapsOf(looks: readonly LabelLook[]): Looks {
  const map = (field: 'name' | 'color'): Record<string, string> => Object.fromEntries(looks.flatMap((look) => (look[field].trim() === '' ? [] : [[look.label, look[field].trim()]])));
  return { names: map('name'), colors: map('color') };
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const sorted = (map: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(map).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return sorted(a) === sorted(b);
}

/** Labels come out of models: one called `constructor` must not find what every object has. */
function own(map: Readonly<Record<string, string>>, label: string): string {
  return Object.hasOwn(map, label) ? map[label]! : '';
}

/** Colours of zones and lines, apart from each other and from those that labels are known by. */
const COLORS = ['#38bdf8', '#e879f9', '#facc15', '#4ade80', '#fb7185', '#818cf8', '#f8fafc', '#f97316'] as const;

/** The colour of a stream's nth zone or line, zones first. @returns `#rrggbb` */
export function shapeColor(index: number): string {
  return COLORS[index % COLORS.length]!;
}

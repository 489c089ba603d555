/** Columns of the list of guests: which there are, which were chosen, and how many of them fit. Pure. */

/** `name` and `state` are always there. */
export const COLUMNS = [
  'screen',
  'cpu',
  'memory',
  'disk',
  'network',
  'image',
  'up',
  'labels',
  'restarts',
  'created',
] as const;
export type Column = (typeof COLUMNS)[number];
/** Whatever a row can be ordered by. */
export type ColumnName = Column | 'name' | 'state';

export const DEFAULT_COLUMNS: readonly Column[] = ['cpu', 'memory', 'disk', 'network', 'image', 'up'];

/** Widths (px). The name takes what is left. */
const WIDTH: Record<Column, number> = {
  screen: 68,
  cpu: 60,
  memory: 64,
  disk: 92,
  network: 92,
  image: 144,
  up: 72,
  labels: 160,
  restarts: 56,
  created: 88,
};
const STATE_PX = 84;
const ICON_PX = 16;
const GAP_PX = 8;
const EDGES_PX = 24;
/** Less is not enough for a name. */
const NAME_PX = 140;
/** More does not help a name: the rest goes to the columns. */
export const NAME_MOST_PX = 360;

/** Settings may hold anything. */
export function knownColumns(given: readonly unknown[]): Column[] {
  return COLUMNS.filter((column) => given.includes(column));
}

/** The first of the chosen columns that fit into a list of this width (px). */
export function fitting(chosen: readonly Column[], listPx: number): Column[] {
  let left = listPx - EDGES_PX - ICON_PX - GAP_PX - NAME_PX - GAP_PX - STATE_PX;
  const shown: Column[] = [];
  for (const column of chosen) {
    left -= GAP_PX + WIDTH[column];
    if (left < 0) break;
    shown.push(column);
  }
  return shown;
}

/** For `grid-template-columns`: icon, name, state, then the columns. Wide ones share what a name does not need. */
export function template(columns: readonly Column[], listPx: number): string {
  const taken = columns.reduce((sum, column) => sum + GAP_PX + WIDTH[column], 0);
  const spare = listPx - EDGES_PX - ICON_PX - 2 * GAP_PX - STATE_PX - taken - NAME_MOST_PX;
  const each = spare > 0 ? Math.floor(spare / (columns.length + 1)) : 0;
  const widths = columns.map((column) => `${WIDTH[column] + each}px`);
  return ['16px', 'minmax(0, 1fr)', `${STATE_PX + each}px`, ...widths].join(' ');
}

/** How tall the rows of the list are, so that none is drawn unseen first to be measured. */
import type { Density } from '../state/layout.svelte.ts';
import type { ListRow } from '../state/list/rows.ts';

/** `--h-row` and `--h-group` of renderer/ui/tokens.css (pixels). Where a row is another height after all, it is measured. */
export const ROW_HEIGHTS: Readonly<Record<Density, { readonly row: number; readonly group: number }>> = {
  dense: { row: 36, group: 24 },
  comfortable: { row: 44, group: 28 },
};

/** As the list takes it: each row's height, and what one that comes later most likely has. */
export function heightsOf(rows: readonly ListRow[], density: Density): [number[], number] {
  const { row, group } = ROW_HEIGHTS[density];
  return [rows.map((one) => (typeof one === 'string' ? row : group)), row];
}

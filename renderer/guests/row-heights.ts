/** How tall the rows of the list are: known before any is drawn. */
import type { Density } from '../state/layout.svelte.ts';

/** `--h-row` and `--h-group` of renderer/ui/tokens.css (pixels). */
export const ROW_HEIGHTS: Readonly<Record<Density, { readonly row: number; readonly group: number }>> = {
  dense: { row: 36, group: 24 },
  comfortable: { row: 44, group: 28 },
};

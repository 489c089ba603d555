import { m } from '../messages.ts';
import type { Grouping } from '../state/list/rows.ts';

/** A menu above the list. */
export type ListMenu = 'group' | 'view';

type Fixed = Exclude<Grouping, `label:${string}`>;

export const groupingWord = (grouping: Grouping): string =>
  grouping.startsWith('label:') ? m.list.byLabel(grouping.slice('label:'.length)) : m.list.groupings[grouping as Fixed];

/** How the person looks at the list of guests: order, columns, groups. Kept in this browser profile. */
import { SvelteSet } from 'svelte/reactivity';
import { readSetting, writeSetting } from '../storage.ts';
import { COLUMNS, type Column, type ColumnName, DEFAULT_COLUMNS, knownColumns } from './columns.ts';
import { DEFAULT_ORDER, FIRST_DOWN, type Order } from './order.ts';
import { type Grouping, isGrouping } from './rows.ts';

class ListView {
  order = $state.raw<Order>(readOrder());
  columns = $state.raw<readonly Column[]>(knownColumns(readSetting<unknown[]>('listColumns', [...DEFAULT_COLUMNS])));
  grouping = $state<Grouping>(readGrouping());
  /** Keys of groups that are folded away. */
  readonly folded = new SvelteSet<string>(readSetting<string[]>('listFolded', []));

  /** The same column again turns the order around. */
  orderBy(by: ColumnName): void {
    this.setOrder({ by, down: this.order.by === by ? !this.order.down : FIRST_DOWN[by] });
  }

  setOrder(order: Order): void {
    this.order = order;
    writeSetting('listOrder', order);
  }

  toggleColumn(column: Column): void {
    const chosen = new Set<Column>(this.columns);
    if (!chosen.delete(column)) chosen.add(column);
    this.columns = knownColumns([...chosen]);
    writeSetting('listColumns', this.columns);
  }

  setGrouping(grouping: Grouping): void {
    this.grouping = grouping;
    writeSetting('grouping', grouping);
  }

  toggleGroup(key: string): void {
    if (!this.folded.delete(key)) this.folded.add(key);
    writeSetting('listFolded', [...this.folded]);
  }
}

function readOrder(): Order {
  const { by, down } = readSetting<Partial<Order>>('listOrder', DEFAULT_ORDER);
  const known = ['name', 'state', ...COLUMNS].includes(by as string);
  return known && typeof down === 'boolean' ? { by: by as ColumnName, down } : DEFAULT_ORDER;
}

function readGrouping(): Grouping {
  const text = readSetting<string>('grouping', 'host');
  return isGrouping(text) ? text : 'host';
}

export const listView = new ListView();

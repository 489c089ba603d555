/** What a key means in the list of guests. Pure. */

export type ListStep =
  | { readonly type: 'move'; readonly id: string; readonly extend: boolean }
  | { readonly type: 'toggle'; readonly id: string }
  | { readonly type: 'open'; readonly id: string }
  | { readonly type: 'all' }
  | { readonly type: 'leave' }
  /** Typing filters: the character begins or continues the filter. */
  | { readonly type: 'filter'; readonly text: string };

/** Rows that Page Up and Page Down go. */
const PAGE_ROWS = 10;

interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** null: not a key of the list. */
export function stepOf(event: Key, order: readonly string[], cursor: string | null): ListStep | null {
  const { key } = event;
  const command = event.ctrlKey || event.metaKey;
  if (event.altKey) return null;
  if (command) return key.toLowerCase() === 'a' ? { type: 'all' } : null;
  const at = cursor === null ? -1 : order.indexOf(cursor);
  const last = order.length - 1;
  const targets: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? last : at - 1,
    PageDown: at + PAGE_ROWS,
    PageUp: at - PAGE_ROWS,
    Home: 0,
    End: last,
  };
  const target = targets[key];
  if (target !== undefined) {
    const id = order[Math.min(last, Math.max(0, target))];
    return id === undefined ? null : { type: 'move', id, extend: event.shiftKey };
  }
  if (key === 'Escape') return { type: 'leave' };
  if (cursor !== null && at >= 0 && key === ' ') return { type: 'toggle', id: cursor };
  if (cursor !== null && at >= 0 && key === 'Enter') return { type: 'open', id: cursor };
  // `/` and `?` are the window's own.
  if (key.length === 1 && key !== ' ' && key !== '/' && key !== '?') return { type: 'filter', text: key };
  return null;
}

/** Which rows of a long list are in the page, and in which of its elements. Pure, but for what it remembers. */

/** Where rows of known heights begin (pixels); one more than there are rows, so the last is where the list ends. */
export function offsetsOf<T>(rows: readonly T[], heightOf: (row: T) => number): Float64Array {
  const offsets = new Float64Array(rows.length + 1);
  rows.forEach((row, at) => {
    offsets[at + 1] = (offsets[at] as number) + heightOf(row);
  });
  return offsets;
}

/** The row that stands at `y`, or the next best one. -1: there is none at all. */
export function rowAt(offsets: Float64Array, y: number): number {
  let low = 0;
  let high = offsets.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] as number) <= y) low = middle;
    else high = middle - 1;
  }
  return high < 0 ? -1 : low;
}

export interface Wanted {
  readonly index: number;
  readonly key: string;
  /** Rows hand elements only to their like. */
  readonly kind: string;
}

export interface Slot extends Wanted {
  /** The element's number. It stays with a row for as long as that is shown. */
  readonly slot: number;
}

/**
 * Gives rows elements. What leaves the page hands its element to what comes: to change the words of a row takes a fraction
 * of the time of making one.
 */
export class RowSlots {
  #shown = new Map<string, Slot>();
  #next = 0;

  /** `wanted`: from top to bottom. `isHeld`: somebody is at this element, so that it must not become another row's. */
  assign(wanted: readonly Wanted[], isHeld: (slot: number) => boolean): readonly Slot[] {
    const stays = new Set(wanted.map(({ key }) => key));
    const free = new Map<string, number[]>();
    for (const { key, kind, slot } of this.#shown.values()) {
      if (stays.has(key) || isHeld(slot)) continue;
      const others = free.get(kind);
      if (others) others.push(slot);
      else free.set(kind, [slot]);
    }
    const shown = new Map<string, Slot>();
    for (const row of wanted) {
      const was = this.#shown.get(row.key);
      // The same object says that nothing changed.
      if (was?.index === row.index && was.kind === row.kind) shown.set(row.key, was);
      else shown.set(row.key, { ...row, slot: was?.slot ?? free.get(row.kind)?.pop() ?? this.#next++ });
    }
    this.#shown = shown;
    return [...shown.values()];
  }
}

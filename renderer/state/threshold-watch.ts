/** Who has matched a threshold for long enough. Pure but for what it remembers. */
export interface Threshold {
  readonly id: number;
  /** In the filter's language. */
  readonly when: string;
  readonly seconds: number;
  readonly on: boolean;
}

export interface Crossing {
  readonly rule: Threshold;
  readonly guestId: string;
}

/** Between two frames further apart a clock jumped or nobody measured: what was in between is not known (ms). */
const APART_MS = 10_000;

/** Told once; again only after it no longer matched. `at`: milliseconds since the epoch, of the frame. */
export function createWatch(): (
  rules: readonly Threshold[],
  matching: (rule: Threshold) => readonly string[],
  at: number,
) => Crossing[] {
  /** Since when, by rule and guest; NaN once it was told. */
  let since = new Map<string, number>();
  let last = Number.NaN;
  return (rules, matching, at) => {
    const next = new Map<string, number>();
    const crossings: Crossing[] = [];
    const jumped = at < last || at - last > APART_MS;
    last = at;
    for (const rule of rules) {
      if (!rule.on) continue;
      for (const guestId of matching(rule)) {
        const key = `${rule.id} ${rule.when} ${rule.seconds} ${guestId}`;
        const before = since.get(key) ?? at;
        const began = jumped && !Number.isNaN(before) ? at : before;
        const due = at - began >= rule.seconds * 1000;
        if (due) crossings.push({ rule, guestId });
        next.set(key, due ? Number.NaN : began);
      }
    }
    since = next;
    return crossings;
  };
}

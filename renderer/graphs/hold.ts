/** What stays as it was, so that nothing is drawn twice. Pure. */
import type { Subject } from './lines.ts';

/** Answers what it was given last instead of what is the same to `same`: whoever compares by identity sees no change. */
export function keepSame<T>(same: (former: T, next: T) => boolean): (next: T) => T {
  let former: { readonly value: T } | null = null;
  return (next) => {
    if (!former || !same(former.value, next)) former = { value: next };
    return former.value;
  };
}

/** Whether the same figures of the same guests are on the charts. */
export const sameSubjects = (former: readonly Subject[], next: readonly Subject[]): boolean =>
  former.length === next.length &&
  former.every(({ id, name, track }, at) => {
    const other = next[at];
    return other?.id === id && other.name === name && other.track === track;
  });

/** Answers what is wanted once it is ready, and until then what was ready last. */
export function holdUntil<T>(): (wanted: T, ready: boolean) => T {
  let former: { readonly value: T } | null = null;
  return (wanted, ready) => {
    if (ready || !former) former = { value: wanted };
    return former.value;
  };
}

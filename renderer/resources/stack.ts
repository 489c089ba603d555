/** Guests stacked on each other: where each one's area begins and ends. Pure. */
import type { Values } from '../graphs/strip.ts';

export interface Layer {
  /** null: nothing is known then, of anybody. */
  readonly bottom: Values;
  readonly top: Values;
}

/** From the ground up; where one is not known, those above rest on what is below it. */
export function stack(lists: readonly Values[]): readonly Layer[] {
  const length = lists[0]?.length ?? 0;
  const known = Array.from({ length }, (_, at) => lists.some((values) => (values[at] ?? null) !== null));
  let ground: Values = known.map((is) => (is ? 0 : null));
  return lists.map((values) => {
    const bottom = ground;
    const top = bottom.map((value, at) => (value === null ? null : value + (values[at] ?? 0)));
    ground = top;
    return { bottom, top };
  });
}

export const highest = (layers: readonly Layer[]): number =>
  (layers.at(-1)?.top ?? []).reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

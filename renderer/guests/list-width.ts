/**
 * How wide the list of guests will be, before it is there: rows made for another width would be made anew at once. A wrong
 * answer costs that and nothing else.
 */
let last = 0;

/** Pixels; 0 where nobody can tell. */
export const firstWidth = (): number => document.querySelector('[data-skeleton]')?.clientWidth ?? last;

export function keepWidth(px: number): number {
  last = px;
  return px;
}

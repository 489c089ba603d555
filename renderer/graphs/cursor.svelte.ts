/** The cursor of one set of charts: the window's one cursor, as far as it points at these guests. */
import { moment } from '../state/index.ts';

/** `ids`: whose charts they are, the first for as long as they are there. To be made while a component is. */
export function chartCursor(ids: () => readonly string[]) {
  $effect(() => {
    const mine = ids().slice(0, 1);
    // The cursor goes with the charts.
    return () => moment.leave(mine);
  });
  return {
    point: (at: number): void => moment.point(at, ids(), 'chart'),
    leave: (): void => moment.leave(ids()),
  };
}

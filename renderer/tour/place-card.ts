/** Where the tour's card stands: beside what it is about, never over the edge. Pure; all in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** Between the card and what it is about, and to the window's edge. */
const GAP_PX = 12;
/** Title bar and status bar stay free. */
const EDGE_PX = 48;

/** Under the target where there is room, else above it, else in its lower right corner; without one in the middle of the foot. */
export function placeCard(target: Box | null, card: Size, window: Size): { left: number; top: number } {
  const most = window.height - EDGE_PX - card.height;
  const within = (left: number) => Math.max(GAP_PX, Math.min(left, window.width - card.width - GAP_PX));
  if (target === null) return { left: within((window.width - card.width) / 2), top: Math.max(EDGE_PX, most) };
  const below = target.top + target.height + GAP_PX;
  const above = target.top - card.height - GAP_PX;
  if (below <= most) return { left: within(target.left), top: below };
  if (above >= EDGE_PX) return { left: within(target.left), top: above };
  return { left: within(target.left + target.width - card.width - GAP_PX), top: Math.max(EDGE_PX, most) };
}

/** What the height of a terminal's screen is, without having the page laid out for it. */

/**
 * xterm.js asks for the height of its screen after each drawing, for the ruler beside it; the page would be laid out then
 * and there, a quarter of what a flood costs. xterm.js itself wrote that height into the element's style.
 */
export function tellHeight(screen: HTMLElement): void {
  Object.defineProperty(screen, 'clientHeight', {
    configurable: true,
    get: () => heightOf(screen.style.height) ?? screen.getBoundingClientRect().height,
  });
}

/** Whole pixels of a height as it stands in a style; null: it stands there in another unit, or not at all. */
export function heightOf(style: string): number | null {
  const px = /^([\d.]+)px$/.exec(style)?.[1];
  return px === undefined ? null : Math.round(Number(px));
}

/**
 * Tells the size of an element's content (pixels), at first and whenever it changes; answers what ends it. It is told with
 * the picture, unlike Svelte's `bind:clientWidth`, which has the page laid out at once, and again for whatever that changes.
 */
export function followSize(node: Element, tell: (width: number, height: number) => void): () => void {
  const observer = new ResizeObserver((entries) => {
    const box = entries.at(-1)?.contentRect;
    if (box) tell(box.width, box.height);
  });
  observer.observe(node);
  return () => observer.disconnect();
}

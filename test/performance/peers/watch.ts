/** Times in the page from a key to what it made on the screen. */
import type { ElementHandle, Page } from 'playwright-core';

/** `change`: the first one. `prompt`: a shell's, in the last line. Otherwise a text, anywhere in it. */
export type Awaited = 'change' | 'prompt' | { readonly text: string };

interface Watch {
  pressed: number;
  seen: number;
}

/**
 * The watch is armed first, because a key overtakes what the page is asked to do; then the key is pressed. Answers ms.
 * `key` is Playwright's name of one; what is held with it starts no watch.
 */
export async function fromKey(
  page: Page,
  node: ElementHandle,
  key: string,
  awaited: Awaited,
  timeoutMs: number,
): Promise<number> {
  await page.evaluate(
    ({ node, awaited }) => {
      const watch: Watch = { pressed: 0, seen: 0 };
      Object.assign(window, { watch });
      // Text as it is in the page: laying it out each time would slow down what is measured.
      const isThere = () => {
        if (typeof awaited === 'object') return node.textContent?.includes(awaited.text) ?? false;
        return (
          [...node.children]
            .findLast((row) => row.textContent?.trim())
            ?.textContent?.trim()
            .endsWith('#') ?? false
        );
      };
      const look = () => {
        if (watch.pressed > 0 && isThere()) watch.seen = performance.now();
        else setTimeout(look, 5);
      };
      const observer = new MutationObserver(() => {
        if (watch.pressed === 0) return;
        watch.seen = performance.now();
        observer.disconnect();
      });
      const onKey = (event: KeyboardEvent) => {
        if (['Control', 'Shift', 'Alt'].includes(event.key)) return;
        removeEventListener('keydown', onKey, { capture: true });
        watch.pressed = event.timeStamp;
      };
      addEventListener('keydown', onKey, { capture: true });
      if (awaited === 'change') observer.observe(node, { subtree: true, childList: true, characterData: true });
      else look();
    },
    { node: node as ElementHandle<HTMLElement>, awaited },
  );
  await page.keyboard.press(key);
  const watch = () => (window as unknown as { watch: Watch }).watch;
  await page.waitForFunction(() => (window as unknown as { watch: Watch }).watch.seen > 0, undefined, {
    timeout: timeoutMs,
    polling: 20,
  });
  const { pressed, seen } = await page.evaluate(watch);
  return seen - pressed;
}

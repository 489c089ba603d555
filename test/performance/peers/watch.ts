/** Times in the page from a key to what it made on the screen. */
import type { ElementHandle, Page } from 'playwright-core';
import { hear } from '../chromium.ts';

/** `change`: the first one. `prompt`: a shell's, in the last line. Otherwise a text, anywhere in it. */
export type Awaited = 'change' | 'prompt' | { readonly text: string };

const ears = new WeakMap<Page, ReturnType<typeof hear>>();

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
  const ear = ears.get(page) ?? hear(page, 'keyShown');
  ears.set(page, ear);
  const keys = await ear;
  await page.evaluate(
    ({ node, awaited }) => {
      let pressed = 0;
      const tell = () =>
        (window as unknown as { keyShown(ms: string): void }).keyShown(String(performance.now() - pressed));
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
        if (pressed > 0 && isThere()) tell();
        else setTimeout(look, 5);
      };
      const observer = new MutationObserver(() => {
        if (pressed === 0) return;
        tell();
        observer.disconnect();
      });
      const onKey = (event: KeyboardEvent) => {
        if (['Control', 'Shift', 'Alt'].includes(event.key)) return;
        removeEventListener('keydown', onKey, { capture: true });
        pressed = event.timeStamp;
      };
      addEventListener('keydown', onKey, { capture: true });
      if (awaited === 'change') observer.observe(node, { subtree: true, childList: true, characterData: true });
      else look();
    },
    { node: node as ElementHandle<HTMLElement>, awaited },
  );
  const shown = keys.next(timeoutMs);
  await page.keyboard.press(key);
  return Number(await shown);
}

/**
 * A press counts for what it was made on. A browser forgets a click when what was pressed moves out from under the hand, or is
 * drawn anew, before the release: here guests come and go, and rows shift, whenever the house says so.
 */

/** What a click does something to. Menus have a way of their own: what is under the release counts there. */
const PRESSABLE = 'a[href], button, summary, [role="row"]';
/** A hand this still meant no other place (CSS pixels). */
const STILL = 4;

interface Press {
  readonly on: HTMLElement;
  /** Innermost, as the browser named it. */
  readonly target: Element;
  readonly pointer: number;
  readonly x: number;
  readonly y: number;
  readonly left: number;
  readonly top: number;
}

/** Whether it is elsewhere now, or anew: a press on what stayed is the browser's, whatever became of it. */
function slipped({ on, target, left, top }: Press): boolean {
  if (!target.isConnected) return true;
  const now = on.getBoundingClientRect();
  return now.left !== left || now.top !== top;
}

/** To be called once, before anything is drawn: listens for as long as there is a window. */
export function keepPresses(): void {
  let press: Press | null = null;
  let released: Press | null = null;

  const onDown = (event: PointerEvent) => {
    press = released = null;
    const { target } = event;
    if (!event.isPrimary || event.button !== 0 || event.pointerType === 'touch' || !(target instanceof Element)) return;
    const on = target.closest<HTMLElement>(PRESSABLE);
    if (!on) return;
    const { left, top } = on.getBoundingClientRect();
    press = { on, target, pointer: event.pointerId, x: event.clientX, y: event.clientY, left, top };
  };

  const onUp = (event: PointerEvent) => {
    const its = press;
    press = null;
    if (its?.pointer !== event.pointerId || Math.hypot(event.clientX - its.x, event.clientY - its.y) > STILL) return;
    released = its;
    // Its click comes within this very task, or not at all.
    setTimeout(() => {
      if (released !== its) return;
      released = null;
      if (slipped(its)) click(its, event);
    });
  };

  const onClick = (event: MouseEvent) => {
    const its = released;
    if (!its) return;
    released = null;
    if (event.composedPath().includes(its.on) || !slipped(its)) return;
    // Told to what both places have in common, which nobody meant.
    event.preventDefault();
    event.stopImmediatePropagation();
    click(its, event);
  };

  addEventListener('pointerdown', onDown, { capture: true, passive: true });
  addEventListener('pointerup', onUp, { capture: true, passive: true });
  addEventListener('pointercancel', () => (press = null), { capture: true, passive: true });
  addEventListener('click', onClick, { capture: true });
}

function click({ on }: Press, { clientX, clientY, ctrlKey, shiftKey, altKey, metaKey }: MouseEvent): void {
  if (!on.isConnected || on.matches(':disabled') || on.closest('[inert]')) return;
  const how = { bubbles: true, cancelable: true, composed: true, view: window, detail: 1 };
  on.dispatchEvent(new MouseEvent('click', { ...how, clientX, clientY, ctrlKey, shiftKey, altKey, metaKey }));
}

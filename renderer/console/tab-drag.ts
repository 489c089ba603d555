/** Dragging a console's tab: to another place in the dock, or out of the window. Attachments for `{@attach …}`. */
import type { Attachment } from 'svelte/attachments';
import { dock } from './dock.svelte.ts';
import type { DockTab } from './dock-tabs.ts';
import { popOut } from './popout.ts';

const TYPE = 'application/x-guesthouse-console';

/** What is dragged; the browser tells the data only when it is dropped. */
let dragged: { readonly pane: number; readonly tab: DockTab } | null = null;

function listen(node: HTMLElement, handlers: Readonly<Record<string, (event: DragEvent) => void>>): () => void {
  const entries = Object.entries(handlers) as [string, EventListener][];
  for (const [type, handler] of entries) node.addEventListener(type, handler);
  return () => {
    for (const [type, handler] of entries) node.removeEventListener(type, handler);
  };
}

/** A tab that can be taken away; left outside of the window its console gets one of its own. */
export const draggable =
  (pane: number, tab: DockTab): Attachment<HTMLElement> =>
  (node) => {
    node.draggable = true;
    return listen(node, {
      dragstart: (event) => {
        dragged = { pane, tab };
        event.dataTransfer?.setData(TYPE, tab.key);
        if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move';
      },
      dragend: (event) => {
        const was = dragged;
        dragged = null;
        if (!was || event.dataTransfer?.dropEffect !== 'none') return;
        const { clientX: x, clientY: y } = event;
        if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) popOut(was.tab);
      },
    });
  };

export interface DropPlace {
  /** The side it comes to, and the tab it is put before; null: last. */
  place(event: DragEvent): { readonly pane: number; readonly before: string | null };
  /** The pointer with a tab is above it; null: no longer. */
  over?(event: DragEvent | null): void;
}

/** Where a tab can be put down. */
export const dropPlace =
  ({ place, over }: DropPlace): Attachment<HTMLElement> =>
  (node) =>
    listen(node, {
      dragover: (event) => {
        if (!dragged) return;
        event.preventDefault();
        event.stopPropagation();
        if (event.dataTransfer) event.dataTransfer.dropEffect = 'move';
        over?.(event);
      },
      dragleave: () => over?.(null),
      drop: (event) => {
        if (!dragged) return;
        event.preventDefault();
        event.stopPropagation();
        over?.(null);
        const { pane, before } = place(event);
        dock.move(dragged.pane, dragged.tab.key, pane, before);
        dragged = null;
      },
    });

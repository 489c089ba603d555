/** Which consoles are open, where, and which is shown: plain data and functions from one to the next. Pure. */
import type { ConsoleKind } from '../../engine/contract/index.ts';

export interface DockTab {
  /** Guest and kind, and for a further program its session: the same console is never a tab twice in one pane. */
  readonly key: string;
  readonly guest: string;
  readonly kind: ConsoleKind;
  /** Session of a further program. */
  readonly session: string | null;
  /** Its first word, e.g. `bash`; empty for the others. */
  readonly title: string;
}

export interface DockPane {
  readonly tabs: readonly DockTab[];
  /** Key of the tab shown; null in an empty pane. */
  readonly shown: string | null;
}

export interface DockTabs {
  /** One, or two side by side. */
  readonly panes: readonly DockPane[];
  /** Index of the pane that has, or had last, the keyboard. */
  readonly focus: number;
}

const EMPTY_PANE: DockPane = { tabs: [], shown: null };
export const EMPTY_DOCK: DockTabs = { panes: [EMPTY_PANE], focus: 0 };

export function makeTab(guest: string, kind: ConsoleKind, session: string | null = null, title = ''): DockTab {
  return { key: [guest, kind, session].filter((part) => part !== null).join(':'), guest, kind, session, title };
}

const paneAt = (dock: DockTabs, index: number): DockPane => dock.panes[index] ?? EMPTY_PANE;
const withPane = (dock: DockTabs, index: number, pane: DockPane): DockTabs => ({
  ...dock,
  panes: dock.panes.map((old, i) => (i === index ? pane : old)),
});

/** Shows a console: where it is open already, else as a new tab of the pane with the keyboard. */
export function openTab(dock: DockTabs, tab: DockTab): DockTabs {
  const inFocus = paneAt(dock, dock.focus).tabs.some(({ key }) => key === tab.key);
  const at = inFocus ? dock.focus : dock.panes.findIndex(({ tabs }) => tabs.some(({ key }) => key === tab.key));
  // An empty side that was just made asks for a console of its own, even one that is open on the other.
  if (at >= 0 && paneAt(dock, dock.focus).tabs.length > 0) return showTab(dock, at, tab.key);
  const pane = paneAt(dock, dock.focus);
  return withPane(dock, dock.focus, { tabs: [...pane.tabs, tab], shown: tab.key });
}

export function showTab(dock: DockTabs, pane: number, key: string): DockTabs {
  const of = paneAt(dock, pane);
  if (!of.tabs.some((tab) => tab.key === key)) return dock;
  return { ...withPane(dock, pane, { ...of, shown: key }), focus: pane };
}

/** The tab beside it is shown next; a side without tabs goes, unless it is the only one. */
export function closeTab(dock: DockTabs, pane: number, key: string): DockTabs {
  const of = paneAt(dock, pane);
  const at = of.tabs.findIndex((tab) => tab.key === key);
  if (at < 0) return dock;
  const tabs = of.tabs.filter((tab) => tab.key !== key);
  if (tabs.length === 0 && dock.panes.length > 1) return { panes: dock.panes.filter((_, i) => i !== pane), focus: 0 };
  const shown = of.shown === key ? ((tabs[at] ?? tabs[at - 1])?.key ?? null) : of.shown;
  return withPane(dock, pane, { tabs, shown });
}

/** One tab further in the pane with the keyboard, round and round. */
export function cycleTab(dock: DockTabs, step: 1 | -1): DockTabs {
  const { tabs, shown } = paneAt(dock, dock.focus);
  if (tabs.length < 2) return dock;
  const at = tabs.findIndex((tab) => tab.key === shown);
  const next = tabs[(at + step + tabs.length) % tabs.length] as DockTab;
  return showTab(dock, dock.focus, next.key);
}

/** Two sides: the shown tab moves to the right, unless it is alone; then the right side is empty and asks for one. */
export function splitDock(dock: DockTabs): DockTabs {
  const [only] = dock.panes;
  if (dock.panes.length > 1 || !only || only.tabs.length === 0) return dock;
  if (only.tabs.length === 1) return { panes: [only, EMPTY_PANE], focus: 1 };
  const moved = only.tabs.filter((tab) => tab.key === only.shown);
  const tabs = only.tabs.filter((tab) => tab.key !== only.shown);
  const at = only.tabs.findIndex((tab) => tab.key === only.shown);
  const left = (tabs[at] ?? tabs[at - 1])?.key ?? null;
  return {
    panes: [
      { tabs, shown: left },
      { tabs: moved, shown: only.shown },
    ],
    focus: 1,
  };
}

/**
 * Puts a tab before another of the same or the other side (`before` null: last), and shows it there. A side that lost
 * its last tab goes. A third side is never made: `to` one beyond a single side makes the second.
 */
export function moveTab(dock: DockTabs, from: number, key: string, to: number, before: string | null): DockTabs {
  const tab = paneAt(dock, from).tabs.find((one) => one.key === key);
  if (!tab || key === before) return dock;
  if (to >= dock.panes.length) {
    if (dock.panes.length > 1 || paneAt(dock, 0).tabs.length < 2) return dock;
    return splitDock(showTab(dock, from, key));
  }
  const kept = paneAt(dock, to).tabs.filter((one) => one.key !== key);
  const at = before === null ? -1 : kept.findIndex((one) => one.key === before);
  const tabs = at < 0 ? [...kept, tab] : kept.toSpliced(at, 0, tab);
  const moved = { ...withPane(dock, to, { tabs, shown: key }), focus: to };
  if (from === to) return moved;
  const left = closeTab(moved, from, key);
  return { ...left, focus: left.panes.findIndex((pane) => pane.shown === key && pane.tabs.length === tabs.length) };
}

/** One side again, with the tabs of both. */
export function joinDock(dock: DockTabs): DockTabs {
  if (dock.panes.length < 2) return dock;
  const tabs: DockTab[] = [];
  for (const tab of dock.panes.flatMap((pane) => pane.tabs)) {
    if (!tabs.some(({ key }) => key === tab.key)) tabs.push(tab);
  }
  const shown = paneAt(dock, dock.focus).shown ?? dock.panes.find((pane) => pane.shown)?.shown ?? null;
  return { panes: [{ tabs, shown }], focus: 0 };
}

export const focusPane = (dock: DockTabs, pane: number): DockTabs =>
  pane === dock.focus || pane >= dock.panes.length ? dock : { ...dock, focus: pane };

/** A fresh program in the place of an ended one. */
export function replaceTab(dock: DockTabs, pane: number, key: string, tab: DockTab): DockTabs {
  const of = paneAt(dock, pane);
  const tabs = of.tabs.map((old) => (old.key === key ? tab : old));
  return withPane(dock, pane, { tabs, shown: of.shown === key ? tab.key : of.shown });
}

/** Without the tabs of guests that are no more. */
export function keepGuests(dock: DockTabs, exists: (guest: string) => boolean): DockTabs {
  let kept = dock;
  dock.panes.forEach((pane) => {
    for (const tab of pane.tabs) {
      if (exists(tab.guest)) continue;
      const at = kept.panes.findIndex(({ tabs }) => tabs.includes(tab));
      kept = closeTab(kept, at, tab.key);
    }
  });
  return kept;
}

const KINDS: readonly ConsoleKind[] = ['main', 'serial', 'display', 'exec', 'log', 'monitor'];

/** What was kept, as far as it makes sense: it may be from another version, or broken. */
export function parseDock(kept: unknown): DockTabs {
  const given = (kept as { panes?: unknown } | null)?.panes;
  if (!Array.isArray(given)) return EMPTY_DOCK;
  const panes = given
    .slice(0, 2)
    .map(parsePane)
    .filter((pane) => pane.tabs.length > 0);
  if (panes.length === 0) return EMPTY_DOCK;
  const focus = (kept as { focus?: unknown }).focus === 1 && panes.length > 1 ? 1 : 0;
  return { panes, focus };
}

function parsePane(given: unknown): DockPane {
  const { tabs, shown } = (given ?? {}) as { tabs?: unknown; shown?: unknown };
  const read = (Array.isArray(tabs) ? tabs : []).flatMap((tab) => parseTab(tab) ?? []);
  const unique = read.filter((tab, i) => read.findIndex(({ key }) => key === tab.key) === i);
  const known = unique.some(({ key }) => key === shown);
  return { tabs: unique, shown: known ? (shown as string) : (unique[0]?.key ?? null) };
}

function parseTab(given: unknown): DockTab | null {
  const { guest, kind, session, title } = (given ?? {}) as Partial<Record<keyof DockTab, unknown>>;
  if (typeof guest !== 'string' || !KINDS.includes(kind as ConsoleKind)) return null;
  if ((kind === 'exec') !== (typeof session === 'string')) return null;
  return makeTab(
    guest,
    kind as ConsoleKind,
    (session as string | undefined) ?? null,
    typeof title === 'string' ? title : '',
  );
}

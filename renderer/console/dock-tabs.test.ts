import { describe, expect, it } from 'vitest';
import * as dock from './dock-tabs.ts';

const a = dock.makeTab('a', 'main');
const b = dock.makeTab('b', 'serial');
const c = dock.makeTab('a', 'exec', 's1', 'bash');
const open = (...tabs: dock.DockTab[]) => tabs.reduce(dock.openTab, dock.EMPTY_DOCK);
const keys = (of: dock.DockTabs) => of.panes.map((pane) => pane.tabs.map((tab) => tab.key));

describe('tabs', () => {
  it('open at the end and are shown', () => {
    const two = open(a, b);
    expect(keys(two)).toEqual([['a:main', 'b:serial']]);
    expect(two.panes[0]?.shown).toBe('b:serial');
  });

  it('are shown rather than opened twice', () => {
    const again = dock.openTab(open(a, b), a);
    expect(keys(again)).toEqual([['a:main', 'b:serial']]);
    expect(again.panes[0]?.shown).toBe('a:main');
  });

  it('of one guest differ by kind and session', () => {
    const other = dock.makeTab('a', 'exec', 's2', 'bash');
    expect(keys(open(a, c, other))).toEqual([['a:main', 'a:exec:s1', 'a:exec:s2']]);
  });

  it('closed show their neighbour', () => {
    expect(dock.closeTab(open(a, b, c), 0, c.key).panes[0]?.shown).toBe(b.key);
    expect(dock.closeTab(dock.showTab(open(a, b, c), 0, a.key), 0, a.key).panes[0]?.shown).toBe(b.key);
    expect(dock.closeTab(open(a, b, c), 0, a.key).panes[0]?.shown).toBe(c.key);
    expect(dock.closeTab(open(a), 0, a.key)).toEqual(dock.EMPTY_DOCK);
    expect(dock.closeTab(open(a), 0, 'none')).toEqual(open(a));
  });

  it('go round', () => {
    const three = open(a, b, c);
    expect(dock.cycleTab(three, 1).panes[0]?.shown).toBe(a.key);
    expect(dock.cycleTab(three, -1).panes[0]?.shown).toBe(b.key);
    expect(dock.cycleTab(open(a), 1)).toEqual(open(a));
  });

  it('of deleted guests go', () => {
    expect(keys(dock.keepGuests(open(a, b, c), (guest) => guest === 'b'))).toEqual([['b:serial']]);
  });

  it('are replaced in their place', () => {
    const fresh = dock.makeTab('a', 'exec', 's9', 'sh');
    const next = dock.replaceTab(open(c, b), 0, c.key, fresh);
    expect(keys(next)).toEqual([['a:exec:s9', 'b:serial']]);
    expect(next.panes[0]?.shown).toBe(b.key);
  });
});

describe('two sides', () => {
  it('move the shown tab to the right', () => {
    const split = dock.splitDock(open(a, b));
    expect(keys(split)).toEqual([['a:main'], ['b:serial']]);
    expect(split).toMatchObject({ focus: 1, panes: [{ shown: a.key }, { shown: b.key }] });
  });

  it('with one tab ask for another, even for the same console', () => {
    const split = dock.splitDock(open(a));
    expect(keys(split)).toEqual([['a:main'], []]);
    expect(keys(dock.openTab(split, a))).toEqual([['a:main'], ['a:main']]);
  });

  it('find a console on the other side', () => {
    const split = dock.splitDock(open(a, b));
    expect(dock.openTab(split, a)).toMatchObject({ focus: 0 });
    expect(keys(dock.openTab(split, a))).toEqual([['a:main'], ['b:serial']]);
  });

  it('become one when a side is empty, or on request', () => {
    const split = dock.splitDock(open(a, b));
    expect(keys(dock.closeTab(split, 0, a.key))).toEqual([['b:serial']]);
    expect(dock.joinDock(split)).toEqual({ panes: [{ tabs: [a, b], shown: b.key }], focus: 0 });
    expect(keys(dock.joinDock(dock.splitDock(open(a))))).toEqual([['a:main']]);
    expect(dock.splitDock(split)).toBe(split);
    expect(dock.splitDock(dock.EMPTY_DOCK)).toBe(dock.EMPTY_DOCK);
  });
});

describe('what was kept', () => {
  it('comes back as it was', () => {
    const kept = dock.splitDock(open(a, b, c));
    expect(dock.parseDock(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  });

  it('is taken only as far as it makes sense', () => {
    for (const bad of [null, 5, 'x', {}, { panes: 7 }, { panes: [null, { tabs: 'x' }] }]) {
      expect(dock.parseDock(bad)).toEqual(dock.EMPTY_DOCK);
    }
    const half = {
      focus: 9,
      panes: [
        {
          shown: 'gone',
          tabs: [
            { guest: 'a', kind: 'main' },
            { guest: 'a', kind: 'main' },
            { guest: 1 },
            { guest: 'a', kind: 'exec' },
            { guest: 'a', kind: 'no' },
          ],
        },
      ],
    };
    expect(dock.parseDock(half)).toEqual(open(a));
  });
});

describe('a tab that is moved', () => {
  it('comes before another, or last', () => {
    const three = open(a, b, c);
    expect(keys(dock.moveTab(three, 0, c.key, 0, a.key))).toEqual([[c.key, a.key, b.key]]);
    expect(keys(dock.moveTab(three, 0, a.key, 0, null))).toEqual([[b.key, c.key, a.key]]);
    expect(dock.moveTab(three, 0, a.key, 0, a.key)).toBe(three);
    expect(dock.moveTab(three, 0, 'none', 0, null)).toBe(three);
  });

  it('makes a second side, of which there is one at most', () => {
    const two = dock.moveTab(open(a, b, c), 0, a.key, 1, null);
    expect(keys(two)).toEqual([[b.key, c.key], [a.key]]);
    expect(two).toMatchObject({ focus: 1, panes: [{ shown: b.key }, { shown: a.key }] });
    expect(dock.moveTab(two, 0, b.key, 2, null)).toBe(two);
    expect(dock.moveTab(open(a), 0, a.key, 1, null)).toEqual(open(a));
  });

  it('goes to the other side, and takes its own along when that is empty', () => {
    const two = dock.moveTab(open(a, b, c), 0, a.key, 1, null);
    const over = dock.moveTab(two, 0, b.key, 1, a.key);
    expect(keys(over)).toEqual([[c.key], [b.key, a.key]]);
    expect(over).toMatchObject({ focus: 1, panes: [{ shown: c.key }, { shown: b.key }] });
    const one = dock.moveTab(two, 1, a.key, 0, c.key);
    expect(keys(one)).toEqual([[b.key, a.key, c.key]]);
    expect(one).toMatchObject({ focus: 0, panes: [{ shown: a.key }] });
  });
});

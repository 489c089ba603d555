/** Every open port by its owner, changed for one owner at a time: all of a change or nothing of it. */
import type { Listener } from './listener.ts';
import { type RelayAnswer, type RelayRule, ruleKey } from './protocol.ts';

interface Entry {
  readonly owner: string;
  readonly listener: Listener;
}

export interface RelayTable {
  set(owner: string, rules: readonly RelayRule[]): Promise<RelayAnswer>;
  retain(owners: readonly string[]): Promise<RelayAnswer>;
}

export function createRelayTable(listen: (rule: RelayRule) => Listener): RelayTable {
  const open = new Map<string, Entry>();

  async function close(key: string): Promise<void> {
    const entry = open.get(key);
    open.delete(key);
    await entry?.listener.unlisten();
    entry?.listener.drop();
  }

  const table: RelayTable = {
    async set(owner, rules) {
      const wanted = new Map(rules.map((rule) => [ruleKey(rule), rule]));
      const own = [...open].filter(([, entry]) => entry.owner === owner);
      const fresh = [...wanted].filter(([key]) => !own.some(([old]) => old === key));
      const stale = own.filter(([key]) => !wanted.has(key));
      // The same port on one address and on all of them: the old one has to go first, and comes back on failure.
      const inTheWay = stale.filter(([, { listener }]) =>
        fresh.some(([, rule]) => rule.hostPort === listener.rule.hostPort && rule.protocol === listener.rule.protocol),
      );
      for (const [, { listener }] of inTheWay) await listener.unlisten();
      const opened: [string, Entry][] = [];
      for (const [key, rule] of fresh) {
        const listener = listen(rule);
        try {
          if (open.has(key)) throw Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
          await listener.open();
          opened.push([key, { owner, listener }]);
        } catch (error) {
          for (const [, one] of opened) await one.listener.unlisten();
          for (const [, one] of inTheWay) await one.listener.open().catch(() => {});
          return { ok: false, code: (error as NodeJS.ErrnoException).code ?? 'EIO', rule };
        }
      }
      for (const [key] of stale) await close(key);
      for (const [key, { listener }] of own) {
        const rule = wanted.get(key);
        if (!rule) continue;
        const moved = rule.address !== listener.rule.address || rule.guestPort !== listener.rule.guestPort;
        listener.rule = rule;
        if (moved) listener.drop();
      }
      for (const [key, entry] of opened) open.set(key, entry);
      return { ok: true };
    },
    async retain(owners) {
      for (const [key, { owner }] of [...open]) if (!owners.includes(owner)) await close(key);
      return { ok: true };
    },
  };
  return table;
}

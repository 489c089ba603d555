import { beforeEach, describe, expect, it } from 'vitest';
import type { Listener } from './listener.ts';
import type { RelayRule } from './protocol.ts';
import { createRelayTable, type RelayTable } from './table.ts';

const rule = (hostPort: number, more: Partial<RelayRule> = {}): RelayRule => ({
  protocol: 'tcp',
  hostIp: '127.0.0.1',
  hostPort,
  address: '10.99.0.20',
  guestPort: 80,
  ...more,
});

describe('the table of open ports', () => {
  /** `port` of what is listened on; a wildcard is in the way of every address. */
  let listening: RelayRule[];
  let log: string[];
  let table: RelayTable;
  const taken = new Set<number>();

  beforeEach(() => {
    listening = [];
    log = [];
    taken.clear();
    table = createRelayTable((wanted): Listener => {
      const listener: Listener = {
        rule: wanted,
        async open() {
          const clash = listening.some(({ hostPort }) => hostPort === wanted.hostPort);
          if (clash || taken.has(wanted.hostPort)) throw Object.assign(new Error(), { code: 'EADDRINUSE' });
          listening.push(wanted);
        },
        async unlisten() {
          listening = listening.filter((one) => one !== wanted);
        },
        drop: () => void log.push(`drop ${wanted.hostPort}`),
      };
      return listener;
    });
  });
  const open = () => listening.map(({ hostIp, hostPort }) => `${hostIp}:${hostPort}`).sort();

  it('opens what is new, closes what is gone, and leaves the rest alone', async () => {
    expect(await table.set('a', [rule(1), rule(2)])).toEqual({ ok: true });
    await table.set('b', [rule(3)]);
    await table.set('a', [rule(2), rule(4)]);
    expect(open()).toEqual(['127.0.0.1:2', '127.0.0.1:3', '127.0.0.1:4']);
    expect(log).toEqual(['drop 1']);
  });

  it('changes nothing when one of them is taken', async () => {
    taken.add(5);
    await table.set('a', [rule(1)]);
    expect(await table.set('a', [rule(4), rule(5)])).toMatchObject({ ok: false, code: 'EADDRINUSE', rule: rule(5) });
    expect(await table.set('b', [rule(1)])).toMatchObject({ ok: false, code: 'EADDRINUSE' });
    expect(open()).toEqual(['127.0.0.1:1']);
    expect(log).toEqual([]);
  });

  it('takes the same port on another address, or has the old one back', async () => {
    await table.set('a', [rule(1)]);
    expect(await table.set('a', [rule(1, { hostIp: '0.0.0.0' })])).toEqual({ ok: true });
    expect(open()).toEqual(['0.0.0.0:1']);
    taken.add(9);
    expect(await table.set('a', [rule(1), rule(9)])).toMatchObject({ ok: false });
    expect(open()).toEqual(['0.0.0.0:1']);
  });

  it('leads an open port elsewhere, which ends its connections only', async () => {
    await table.set('a', [rule(1), rule(2)]);
    await table.set('a', [rule(1, { guestPort: 81 }), rule(2)]);
    expect(open()).toEqual(['127.0.0.1:1', '127.0.0.1:2']);
    expect(log).toEqual(['drop 1']);
  });

  it('forgets owners that are not named', async () => {
    await table.set('a', [rule(1)]);
    await table.set('b', [rule(2)]);
    await table.retain(['b']);
    expect(open()).toEqual(['127.0.0.1:2']);
  });
});

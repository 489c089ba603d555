import { expect, test } from 'vitest';
import { findProgram } from '../host/tools.ts';
import { houseFindings } from './doctor.ts';
import type { Holder } from './holder.ts';
import type { House } from './house.ts';

test.runIf(findProgram('nft'))('a house that has no network before it is asked for is well', async () => {
  const bare = { pid: process.pid, bootId: 'x', mountNamespace: 'x', ids: 'root', networkReady: false };
  let holder = bare as unknown as Holder;
  const house = {
    ensure: async () => {},
    network: async () => {
      holder = { ...holder, networkReady: true };
      return { ok: true };
    },
  } as unknown as House;
  const findings = await houseFindings(house, () => holder);
  expect(findings.find(({ id }) => id === 'firewall')).toMatchObject({ level: 'ok' });
});

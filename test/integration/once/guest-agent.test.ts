/** The real qemu-guest-agent of Debian, in a machine of ours. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GuestRecord } from '../../../engine/drivers/driver.ts';
import { execByAgent, setPassword, setTime, shutDown } from '../../../engine/drivers/qemu/guest-agent/acts.ts';
import { createGuestAgent, type GuestAgent } from '../../../engine/drivers/qemu/guest-agent/client.ts';
import { systemOf } from '../../../engine/drivers/qemu/guest-agent/facts.ts';
import { withFrozenFileSystems } from '../../../engine/drivers/qemu/guest-agent/freeze.ts';
import { machinePaths } from '../../../engine/drivers/qemu/run-record.ts';
import { startProcessors, useMemory } from '../../../engine/drivers/qemu/size/tell-guest.ts';
import { prepareGuestAgent, startAgent } from '../../fixtures/guest-agent.ts';
import { type Machines, makeMachines, operationContext } from '../../fixtures/machines.ts';

const START = `
printf '#!/bin/sh\\necho asked "$@" >/shutdown-asked\\n' >/sbin/shutdown; chmod 755 /sbin/shutdown
printf '#!/bin/sh\necho "$1" >>/dev/shm/hook\n' >/hook; chmod 755 /hook
${startAgent('-F/hook')}`;

let machines: Machines;
let lack: string | null;
beforeAll(async () => {
  machines = await makeMachines();
  lack = prepareGuestAgent(join(machines.paths.home, 'agent'));
}, 120_000);
afterAll(async () => {
  await machines?.end();
});

const request = { tty: false, columns: 0, rows: 0, user: null, env: [] };
async function said(guest: GuestRecord, command: readonly string[]): Promise<string> {
  const endpoint = await machines.driver.exec(guest, { ...request, command });
  let text = '';
  await new Promise<void>((done) => {
    void endpoint.start({ onData: (bytes) => (text += Buffer.from(bytes)), onEnd: () => done() });
  });
  return text;
}

it('answers, runs programs, freezes and thaws, sets the clock, is asked to end the guest', async (context) => {
  if (lack !== null) context.skip(lack);
  const source = join(machines.paths.home, 'agent');
  const mounts = [{ source, target: '/agent', readOnly: true }];
  const guest = machines.record({ command: ['sleep', '100000'], mounts, network: 'nat' });
  await machines.up(guest);
  let open = false;
  const files = machinePaths(machines.paths, guest.id);
  const newAgent = (): GuestAgent =>
    createGuestAgent({ guestName: 'box', socketPath: files.guestAgent, isOpen: async () => open });
  let agent = newAgent();
  await machines.driver.exec(guest, { ...request, command: ['sh', '-c', START] });
  open = true;
  await expect
    .poll(
      () =>
        systemOf(agent).then(
          () => true,
          () => false,
        ),
      { timeout: 40_000 },
    )
    .toBe(true);
  const system = await systemOf(agent);
  expect(system).toMatchObject({ hostName: guest.spec.name, canFreeze: true, canExec: true });
  expect(system.interfaces.flatMap(({ addresses }) => addresses)).toContain(`${guest.address}/20`);

  const ran = await execByAgent(agent, {
    command: ['sh', '-c', 'cat; echo $A >&2; exit 5'],
    env: ['A=b', 'PATH=/bin'],
    input: Buffer.from('input'),
    timeoutMs: 30_000,
  });
  expect([ran.code, ran.stdout.toString(), ran.stderr.toString()]).toEqual([5, 'input', 'b\n']);

  await setTime(agent, Date.UTC(2031, 0, 1, 12));
  expect(await said(guest, ['date', '-u', '+%Y'])).toBe('2031\n');
  await expect(setPassword(agent, 'nobody-there', 'x')).rejects.toMatchObject({ code: 'guest-failed' });

  // What it has is in use already.
  await startProcessors(agent, 1);
  await useMemory(agent);

  // What writes while it is frozen waits.
  const writing = said(guest, ['sh', '-c', 'sleep 2; echo x >/written; sync; date +%s']);
  await withFrozenFileSystems(agent, async ({ fileSystems, why }) => {
    expect([fileSystems, why]).toEqual([1, null]);
    expect(await agent.execute('guest-fsfreeze-status')).toBe('frozen');
  });
  expect(await agent.execute('guest-fsfreeze-status')).toBe('thawed');
  expect(await writing).toMatch(/^\d+\n$/);

  // The driver does so for a snapshot, and thaws what an engine left frozen that was killed. QEMU serves one of us at a time.
  agent.close();
  const folder = join(machines.paths.home, 'snapshot');
  mkdirSync(folder);
  const wish = { id: 'aaaaaaaaaaaa', folder, memory: false };
  await machines.driver.snapshots?.take(guest, wish, operationContext());
  expect(await said(guest, ['cat', '/dev/shm/hook'])).toBe('freeze\nthaw\n'.repeat(2));
  await machines.restartEngine();
  agent = newAgent();
  writeFileSync(join(files.run, 'frozen'), '');
  expect(await agent.execute('guest-fsfreeze-freeze')).toBe(1);
  agent.close();
  await machines.driver.adopt(guest);
  await expect.poll(() => existsSync(join(files.run, 'frozen')), { timeout: 40_000 }).toBe(false);
  expect(await said(guest, ['cat', '/dev/shm/hook'])).toBe('freeze\nthaw\n'.repeat(3));
  await machines.restartEngine();
  await machines.driver.adopt(guest);
  agent = newAgent();

  await shutDown(agent);
  await expect.poll(() => said(guest, ['cat', '/shutdown-asked']), { timeout: 20_000 }).toContain('-P');
  agent.close();
}, 240_000);

it('a machine is seen through its driver, with and without an agent', async () => {
  const guest = machines.record({ image: null, memoryMib: 128 }, { imageId: null });
  await machines.up(guest);
  await expect(machines.driver.exec(guest, { ...request, command: ['true'] })).rejects.toMatchObject({
    code: 'unsupported',
  });
  await expect(machines.driver.files?.(guest).list('/')).rejects.toMatchObject({ code: 'unsupported' });
}, 120_000);

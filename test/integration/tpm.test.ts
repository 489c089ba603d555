/** A machine's TPM: seen inside, kept, met again, gone with the machine. As root and as an ordinary user. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUTO_MACHINE } from '../../engine/contract/machine.ts';
import { machinePaths } from '../../engine/drivers/qemu/run-record.ts';
import type { ProcessRef } from '../../engine/host/process-ref.ts';
import { isAlive } from '../../engine/host/process-ref.ts';
import { findProgram } from '../../engine/host/tools.ts';
import { type Machines, makeMachines } from '../fixtures/machines.ts';

const END_TIMEOUT_MS = 30_000;

let machines: Machines;
beforeAll(async () => {
  machines = await makeMachines();
});
afterAll(async () => {
  await machines?.end();
});

it('is a TPM 2.0 inside, outlives the engine, and ends with the machine', async (context) => {
  if (findProgram('swtpm') === null) context.skip('swtpm is not installed');
  const guest = machines.record({
    machine: { ...AUTO_MACHINE, tpm: true },
    command: ['sh', '-c', 'echo "version=<$(cat /sys/class/tpm/tpm0/tpm_version_major)>"; sleep 1000'],
  });
  expect((await machines.up(guest)).machine).toMatchObject({ tpm: true, firmware: 'none' });
  const console = await machines.open(guest);
  expect(await console.until(/version=<.*>/)).toContain('version=<2>');
  console.detach();

  const files = machinePaths(machines.paths, guest.id);
  const { folders } = JSON.parse(readFileSync(files.record, 'utf8')) as { folders: readonly ProcessRef[] };
  expect(folders).toHaveLength(1);
  const [swtpm] = folders as [ProcessRef];
  expect(readFileSync(`/proc/${swtpm.pid}/cmdline`, 'utf8')).toContain('swtpm');
  const status = readFileSync(`/proc/${swtpm.pid}/status`, 'utf8');
  expect(status).toMatch(/^CapEff:\t0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  expect(status).toMatch(/^Seccomp:\t2$/m);
  if (process.getuid?.() === 0) expect(status).toMatch(/^Uid:\t(?!0\t)/m);
  expect(readdirSync(files.tpmState)).toContain('tpm2-00.permall');
  expect(statSync(files.tpmState).mode & 0o077).toBe(0);

  await machines.restartEngine();
  expect((await machines.driver.adopt(guest))?.machine?.tpm).toBe(true);
  expect(isAlive(swtpm)).toBe(true);
  await machines.driver.kill(guest);
  await machines.driver.reap(guest);
  const until = performance.now() + END_TIMEOUT_MS;
  while (isAlive(swtpm) && performance.now() < until) await sleep(20);
  expect(isAlive(swtpm)).toBe(false);
  expect(existsSync(files.run)).toBe(false);
  await machines.driver.remove(guest);
  expect(existsSync(files.tpmState)).toBe(false);
});

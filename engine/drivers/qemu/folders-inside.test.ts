import { expect, test } from 'vitest';
import type { GuestRecord } from '../driver.ts';
import { howToMount, mountInside, unmountInside } from './folders-inside.ts';
import type { LiveMachine } from './live.ts';

const GUEST = { spec: { name: 'box' } } as unknown as GuestRecord;
const MOUNT = { source: '/host', target: '/srv/data', readOnly: true };

/** A machine whose system answers that, and what it was asked. */
function machineSaying(answer: string, { agent = true, guestAgent = false } = {}) {
  const asked: string[][] = [];
  const notes: string[] = [];
  const programs = {
    async *tool(_guest: GuestRecord, command: readonly string[]) {
      asked.push([...command]);
      yield Buffer.from(answer);
    },
  };
  const machine = {
    record: { agent },
    guestAgent: { isThere: async () => guestAgent },
    note: (one: string) => notes.push(one),
  };
  return { asked, notes, programs, machine: machine as unknown as LiveMachine };
}

test('is mounted by our tools in our machines, by its own in a system of its own', async () => {
  const ours = machineSaying('done\n');
  await mountInside(ours.programs, ours.machine, GUEST, MOUNT);
  expect(ours.asked[0]?.slice(-4)).toEqual(['/dev/.guesthouse/busybox', 'srv/data', '/srv/data', 'ro']);
  const own = machineSaying('done\n', { agent: false, guestAgent: true });
  await mountInside(own.programs, own.machine, GUEST, MOUNT);
  expect(own.asked[0]?.[0]).toBe('/bin/sh');
  expect(own.asked[0]?.slice(-4)).toEqual(['', 'srv/data', '/srv/data', 'ro']);
});

test('a system that nobody can ask is left to its person', async () => {
  const own = machineSaying('', { agent: false });
  await mountInside(own.programs, own.machine, GUEST, MOUNT);
  expect(own.notes).toEqual([howToMount(MOUNT)]);
  expect(own.asked).toEqual([]);
  await expect(unmountInside(own.programs, own.machine, GUEST, MOUNT)).rejects.toMatchObject({ code: 'unsupported' });
});

test('says what the system in it said', async () => {
  const foreign = machineSaying('kernel\n');
  await expect(mountInside(foreign.programs, foreign.machine, GUEST, MOUNT)).rejects.toMatchObject({
    code: 'unsupported',
    cause: expect.stringMatching(/no virtiofs/),
  });
  const failing = machineSaying('failed mkdir: /srv: Read-only file system\n');
  await expect(mountInside(failing.programs, failing.machine, GUEST, MOUNT)).rejects.toMatchObject({
    code: 'guest-failed',
    cause: 'mkdir: /srv: Read-only file system',
  });
  const busy = machineSaying('busy umount: in use\n');
  await expect(unmountInside(busy.programs, busy.machine, GUEST, MOUNT)).rejects.toMatchObject({
    code: 'conflict',
    subject: '/srv/data',
    cause: 'umount: in use',
  });
});

test('a place with blanks is one word', () => {
  expect(howToMount({ target: '/my data/', readOnly: false })).toMatch(/virtiofs folder-\w{12} '\/my data\/'$/);
});

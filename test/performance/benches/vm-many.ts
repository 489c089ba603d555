/** Ten machines at once: how long until the last has said its first line, and what each costs in memory beside QEMU. */
import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { guestRunFolder } from '../../../engine/host/paths.ts';
import type { Bench, Variant } from '../harness.ts';
import { createGuest, makeBenchHome } from '../home.ts';
import { bareMachine, timeFirstLine } from '../peers/qemu.ts';
import { LINE_TIMEOUT_MS, oursFirstLine } from './vm-start.ts';

const MACHINES = 10;

export const vmMany: Bench = {
  name: 'vm-many',
  about: `start of ${MACHINES} machines at once (busybox, 1 processor, 128 MiB, no network) to the first line of the last; memory of each in the engine, its helpers and QEMU`,
  goals: [
    { of: 'ours/floor', atMost: 1, ours: 'guesthouse', than: 'bare' },
    { of: 'ours', atMost: 1024, ours: 'memory' },
  ],
  rounds: 3,
  warmups: 1,
  long: true,
  async prepare(context) {
    const home = makeBenchHome(context, 'home');
    const engine = await home.engine();
    const host = await engine.call('host.info', {});
    const machines = host.capabilities.find(({ isolation }) => isolation === 'vm');
    if (!machines?.possible) {
      return [{ role: 'ours', label: 'machines', absent: machines?.reason ?? 'no driver for machines' }];
    }
    await engine.call('images.build', { builder: 'busybox' });
    const machine = () =>
      createGuest(engine, {
        isolation: 'vm',
        image: 'busybox',
        cpus: 1,
        memoryMib: 128,
        network: 'none',
        command: ['sh', '-c', 'echo here; sleep 600'],
      });
    const guest = await machine();
    await oursFirstLine(engine, guest.id);
    const { take } = await bareMachine(context, guest.id);
    await engine.call('guests.kill', { guest: guest.id });
    const copies = Array.from({ length: MACHINES }, (_, at) => take(at));

    /** Of the last round. */
    let memoryKib = Number.NaN;
    let qemuKib = Number.NaN;
    const ours: Variant = {
      role: 'ours',
      label: `guesthouse, ${MACHINES} at once`,
      async run() {
        const guests = [];
        for (let at = 0; at < MACHINES; at++) guests.push(await machine());
        const before = ownKib();
        const started = performance.now();
        await Promise.all(guests.map(({ id }) => oursFirstLine(engine, id)));
        const ms = performance.now() - started;
        const of = guests.map(({ id }) => pssKib(guestRunFolder(home.paths, id), id));
        memoryKib = (ownKib() - before + of.reduce((sum, { helpers }) => sum + helpers, 0)) / MACHINES;
        qemuKib = of.reduce((sum, { qemu }) => sum + qemu, 0) / MACHINES;
        for (const { id } of guests) await engine.call('guests.remove', { guest: id, force: true });
        return { ms };
      },
    };
    const floor: Variant = {
      role: 'floor',
      label: `bare QEMU, ${MACHINES} at once`,
      async run() {
        const started = performance.now();
        // Each goes on until the last has spoken, as ours do: one that is ended leaves its processor to the others.
        let silent = copies.length;
        const all = Promise.withResolvers<void>();
        let ms = Number.NaN;
        const spoke = () => {
          silent--;
          if (silent === 0) {
            ms = performance.now() - started;
            all.resolve();
          }
          return all.promise;
        };
        await Promise.all(copies.map((one) => timeFirstLine(one.argv, one.disk, one.fresh, LINE_TIMEOUT_MS, spoke)));
        return { ms };
      },
    };
    const memory: Variant = {
      role: 'ours',
      label: 'memory of each beside QEMU (engine and helpers)',
      unit: 'KiB',
      run: async () => ({ value: memoryKib }),
    };
    const whole: Variant = {
      role: 'ours',
      label: "QEMU's own of each, its guest's included",
      unit: 'KiB',
      run: async () => ({ value: qemuKib }),
    };
    return [ours, memory, whole, floor];
  },
};

/** What the engine in this process holds, rubbish not counted. */
function ownKib(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024;
}

/** PSS of the programs that run for one machine (KiB): QEMU, and those that the folder that is theirs tells. */
function pssKib(folder: string, id: string): { qemu: number; helpers: number } {
  const kib = { qemu: 0, helpers: 0 };
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const isQemu = words.startsWith('/') && words.split('\0', 1)[0]?.includes('qemu-system') === true;
      if (!words.includes(isQemu ? id : folder)) continue;
      const pss = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
      kib[isQemu ? 'qemu' : 'helpers'] += pss;
    } catch {
      // it ended just now
    }
  }
  return kib;
}

/** A machine from "start" to the first line of its program on the serial port. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { INITIAL_CREDIT } from '../../../engine/contract/wire.ts';
import type { Engine } from '../../../engine/index.ts';
import type { Absent, Bench, BenchContext, Variant } from '../harness.ts';
import { createGuest, makeBenchHome } from '../home.ts';
import { startLibvirt } from '../peers/libvirt.ts';
import { type BareCopy, bareMachine, timeFirstLine } from '../peers/qemu.ts';

export const LINE_TIMEOUT_MS = 60_000;

export const vmStart: Bench = {
  name: 'vm-start',
  about: 'start of a machine (busybox, 1 processor, 256 MiB, no network) to the first line on its serial port',
  goals: [
    { of: 'ours/floor', atMost: 1.05 },
    { of: 'ours/peer', atMost: 1 },
  ],
  rounds: 7,
  warmups: 1,
  async prepare(context) {
    const home = makeBenchHome(context, 'home');
    const engine = await home.engine();
    const host = await engine.call('host.info', {});
    const machines = host.capabilities.find(({ isolation }) => isolation === 'vm');
    if (!machines?.possible) {
      const absent: Absent = { role: 'ours', label: 'machine', absent: machines?.reason ?? 'no driver for machines' };
      return [absent];
    }
    context.say('builds the image and its disk');
    await engine.call('images.build', { builder: 'busybox' });
    // A new one each time: the console of one met before begins with what it said then.
    const machine = (isolation: 'vm' | 'microvm' = 'vm') =>
      createGuest(engine, {
        isolation,
        image: 'busybox',
        cpus: 1,
        memoryMib: 256,
        network: 'none',
        command: ['sh', '-c', 'echo here; sleep 600'],
      });
    const guest = await machine();
    await oursFirstLine(engine, guest.id);
    const { argv, take } = await bareMachine(context, guest.id);
    await engine.call('guests.kill', { guest: guest.id });
    const bare = take(0);

    const oursAs = (isolation: 'vm' | 'microvm', label: string): Variant => ({
      role: 'ours',
      label,
      async run() {
        const { id } = await machine(isolation);
        const result = await oursFirstLine(engine, id);
        await engine.call('guests.remove', { guest: id, force: true });
        return result;
      },
    });
    const ours = oursAs('vm', `guesthouse, ${machines.engine}`);
    const isMicroPossible = host.capabilities.some(({ isolation, possible }) => isolation === 'microvm' && possible);
    const micro = isMicroPossible ? [oursAs('microvm', 'guesthouse, as a microVM')] : [];
    const floor: Variant = {
      role: 'floor',
      label: 'bare QEMU, same machine',
      run: async () => ({ ms: await timeFirstLine(bare.argv, bare.disk, bare.fresh, LINE_TIMEOUT_MS) }),
    };
    return [ours, floor, await throughLibvirt(context, argv, bare), ...micro];
  },
};

/** The same kernel, processor and disk (as one file), and the devices libvirt gives to everybody. */
async function throughLibvirt(context: BenchContext, argv: readonly string[], bare: BareCopy) {
  context.say('starts libvirtd, which tries every QEMU once');
  const libvirt = await startLibvirt(context);
  if ('absent' in libvirt) return { role: 'peer', label: 'virsh create', absent: libvirt.absent } as const;
  const after = (word: string) => argv[argv.indexOf(word) + 1] as string;
  const whole = join(context.folder, 'whole.qcow2');
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', bare.fresh, whole]);
  const machine = {
    binary: argv[0] as string,
    memoryMib: 256,
    kernel: libvirt.give(after('-kernel'), 'vmlinux'),
    initrd: libvirt.give(after('-initrd'), 'initrd'),
    commandLine: after('-append'),
    config: libvirt.give(bare.config, 'config'),
  };
  const peer: Variant = {
    role: 'peer',
    label: libvirt.label,
    async run() {
      const disk = libvirt.give(whole, 'disk.qcow2');
      return { ms: await libvirt.timeFirstLine({ ...machine, disk }, LINE_TIMEOUT_MS) };
    },
  };
  return peer;
}

export async function oursFirstLine(
  engine: Engine,
  guest: string,
): Promise<{ ms: number; more: Record<string, number> }> {
  const started = performance.now();
  await engine.call('guests.start', { guest });
  const running = performance.now();
  const line = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The machine said nothing on its serial line.')), LINE_TIMEOUT_MS);
    engine
      .open(
        'console',
        { guest },
        {
          bytes(bytes) {
            if (!bytes.includes(10)) return;
            clearTimeout(timer);
            resolve(performance.now());
          },
          control() {},
          credit() {},
          end: () => reject(new Error('The console ended before it said a line.')),
        },
      )
      .then((source) => source.grant(INITIAL_CREDIT), reject);
  });
  return { ms: line - started, more: { start: running - started } };
}

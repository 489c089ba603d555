/** A machine from "start" to the first line of its program on the serial port. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { INITIAL_CREDIT } from '../../../engine/contract/wire.ts';
import type { Engine } from '../../../engine/index.ts';
import type { Absent, Bench, Variant } from '../harness.ts';
import { createGuest, makeBenchHome } from '../home.ts';
import { bareArgv, findMachine, timeFirstLine } from '../peers/qemu.ts';

const LINE_TIMEOUT_MS = 60_000;

export const vmStart: Bench = {
  name: 'vm-start',
  about: 'start of a machine (busybox, 1 processor, 256 MiB, no network) to the first line on its serial port',
  goals: [{ of: 'ours/floor', atMost: 1.1 }],
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
    const machine = () =>
      createGuest(engine, {
        isolation: 'vm',
        image: 'busybox',
        cpus: 1,
        memoryMib: 256,
        network: 'none',
        command: ['sh', '-c', 'echo here; sleep 600'],
      });
    const guest = await machine();
    await oursFirstLine(engine, guest.id);
    const argv = findMachine(guest.id);
    if (!argv) throw new Error('The machine that was started cannot be found.');
    const disk = fileIn(argv, /"filename":"([^"]*\.qcow2)"/);
    const config = fileIn(argv, /^name=opt\/guesthouse\/config,file=(.*)$/);
    const [fresh, copy, configCopy] = ['fresh.qcow2', 'run.qcow2', 'config'].map((name) =>
      join(context.folder, name),
    ) as [string, string, string];
    // The machine's own files go with its run; its disk is copied once nobody writes to it.
    copyFileSync(config, configCopy);
    await engine.call('guests.kill', { guest: guest.id });
    copyFileSync(disk, fresh);
    const bare = bareArgv(
      argv,
      new Map([
        [disk, copy],
        [config, configCopy],
      ]),
    );

    const ours: Variant = {
      role: 'ours',
      label: `guesthouse, ${machines.engine}`,
      async run() {
        const { id } = await machine();
        const result = await oursFirstLine(engine, id);
        await engine.call('guests.remove', { guest: id, force: true });
        return result;
      },
    };
    const floor: Variant = {
      role: 'floor',
      label: 'bare QEMU, same machine',
      run: async () => ({ ms: await timeFirstLine(bare, copy, fresh, LINE_TIMEOUT_MS) }),
    };
    return [ours, floor];
  },
};

function fileIn(argv: readonly string[], pattern: RegExp): string {
  const found = argv.map((word) => pattern.exec(word)?.[1]).find((path) => path !== undefined);
  if (found === undefined) throw new Error(`Nothing like ${pattern} in ${argv.join(' ')}`);
  return found;
}

async function oursFirstLine(engine: Engine, guest: string): Promise<{ ms: number; more: Record<string, number> }> {
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

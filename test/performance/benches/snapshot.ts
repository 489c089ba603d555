/** A machine's snapshot with memory, going back to it, and suspending: what a person waits for. */
import { INITIAL_CREDIT } from '../../../engine/contract/wire.ts';
import type { Engine } from '../../../engine/index.ts';
import type { Absent, Bench, Variant } from '../harness.ts';
import { createGuest, makeBenchHome } from '../home.ts';

const ANSWER_TIMEOUT_MS = 60_000;

export const snapshot: Bench = {
  name: 'snapshot',
  about:
    'of a machine (busybox, 1 processor, 128 MiB, no network) that runs: taken with memory; restored, to its first answer',
  goals: [
    { of: 'ours', atMost: 1000, ours: 'take with memory' },
    { of: 'ours', atMost: 400, ours: 'restore' },
  ],
  rounds: 7,
  warmups: 1,
  async prepare(context) {
    const engine = await makeBenchHome(context, 'home').engine();
    const host = await engine.call('host.info', {});
    const machines = host.capabilities.find(({ isolation }) => isolation === 'vm');
    if (!machines?.possible) {
      const absent: Absent = { role: 'ours', label: 'machine', absent: machines?.reason ?? 'no driver for machines' };
      return [absent];
    }
    context.say('builds the image and starts a machine');
    await engine.call('images.build', { builder: 'busybox' });
    const { id: guest } = await createGuest(engine, {
      isolation: 'vm',
      image: 'busybox',
      cpus: 1,
      memoryMib: 128,
      network: 'none',
      command: ['sh'],
    });
    await engine.call('guests.start', { guest });
    const waiting = await answerer(engine, guest);
    await waiting('echo re""ady', /ready/);
    await engine.call('snapshots.take', { guest, name: 'base', memory: true });

    const timed = async (act: () => Promise<unknown>) => {
      const began = performance.now();
      await act();
      return performance.now() - began;
    };
    const take: Variant = {
      role: 'ours',
      label: 'take with memory',
      async run() {
        const ms = await timed(() => engine.call('snapshots.take', { guest, name: 'taken', memory: true }));
        await engine.call('snapshots.remove', { guest, snapshot: 'taken' });
        return { ms };
      },
    };
    const plain: Variant = {
      role: 'ours',
      label: 'plain take, as it runs',
      async run() {
        const ms = await timed(() => engine.call('snapshots.take', { guest, name: 'plain' }));
        await engine.call('snapshots.remove', { guest, snapshot: 'plain' });
        return { ms };
      },
    };
    const restore: Variant = {
      role: 'ours',
      label: 'restore to the first answer',
      async run() {
        // What ends the run before is not what is waited for.
        await engine.call('guests.kill', { guest });
        const began = performance.now();
        await engine.call('snapshots.restore', { guest, snapshot: 'base' });
        const running = performance.now();
        const say = await answerer(engine, guest);
        await say('echo ans""wer', /answer/);
        return { ms: performance.now() - began, more: { running: running - began } };
      },
    };
    const resume: Variant = {
      role: 'ours',
      label: 'start of a suspended one to the first answer',
      async run() {
        const suspended = await timed(() => engine.call('guests.suspend', { guest }));
        const ms = await timed(async () => {
          await engine.call('guests.start', { guest });
          const say = await answerer(engine, guest);
          await say('echo wo""ke', /woke/);
        });
        return { ms, more: { suspend: suspended } };
      },
    };
    return [take, restore, plain, resume];
  },
};

/** Types a line on the serial console and waits for what it answers. */
async function answerer(engine: Engine, guest: string): Promise<(line: string, answer: RegExp) => Promise<void>> {
  let text = '';
  let news: () => void = () => {};
  const source = await engine.open(
    'console',
    { guest, tailBytes: 0 },
    {
      bytes(bytes) {
        text += Buffer.from(bytes).toString();
        source.grant(bytes.length);
        news();
      },
      control() {},
      credit() {},
      end: () => news(),
    },
  );
  source.grant(INITIAL_CREDIT);
  return (line, answer) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${answer} in ${JSON.stringify(text)}`)), ANSWER_TIMEOUT_MS);
      news = () => {
        if (!answer.test(text)) return;
        clearTimeout(timer);
        source.close();
        resolve();
      };
      source.bytes(Buffer.from(`${line}\n`));
    });
}

/** Many containers at once against as many one after the other. */
import type { Bench, Variant } from '../harness.ts';
import { createGuest, makeBenchHome, untilDone } from '../home.ts';

const GUESTS = 50;
const EXIT_TIMEOUT_MS = 120_000;

export const parallelStart: Bench = {
  name: 'parallel-start',
  about: `create, start and exit of \`true\` in ${GUESTS} containers on the built-in network, milliseconds per container`,
  // What is compared with is not less than ours: it is ours, one by one.
  goals: [{ of: 'ours/floor', atMost: 1 }],
  rounds: 3,
  warmups: 1,
  async prepare(context) {
    const home = makeBenchHome(context, 'home');
    const engine = await home.engine();
    await engine.call('images.build', { builder: 'busybox' });
    const one = async () => {
      const guest = await createGuest(engine, { isolation: 'container', image: 'busybox', command: ['true'] });
      await engine.call('guests.start', { guest: guest.id });
      await untilDone(engine, guest, EXIT_TIMEOUT_MS);
      return guest;
    };
    const time = async (label: string, act: () => Promise<readonly { id: string }[]>) => {
      const started = performance.now();
      const guests = await act();
      const ms = (performance.now() - started) / guests.length;
      context.say(`${label}: ${ms.toFixed(1)} ms each`);
      for (const { id } of guests) await engine.call('guests.remove', { guest: id });
      return { ms };
    };
    const variant = (role: Variant['role'], label: string, act: () => Promise<readonly { id: string }[]>): Variant => ({
      role,
      label,
      run: () => time(label, act),
    });
    return [
      variant('ours', `${GUESTS} at once`, () => Promise.all(Array.from({ length: GUESTS }, one))),
      variant('floor', `${GUESTS} one by one`, async () => {
        const guests = [];
        for (let index = 0; index < GUESTS; index++) guests.push(await one());
        return guests;
      }),
    ];
  },
};

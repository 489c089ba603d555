/** A program that writes all the time, met by one engine after the other: no byte is missing, and none is shown twice. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containers, makeContainers, reading } from '../fixtures/containers.ts';

let containers: Containers;
beforeAll(async () => {
  containers = makeContainers();
  await containers.house.ensure();
});
afterAll(() => containers?.end());

const LINES = 120;
const wanted = (mark: string) => Array.from({ length: LINES }, (_, at) => `${mark}${at}\n`).join('');

it('shows all of both outputs once, whenever it is met', async () => {
  // Lines come in two pieces, so that some are cut where an engine ends.
  const count = `i=0; while [ $i -lt ${LINES} ]; do printf "o$i"; printf "e$i\\n" >&2; busybox usleep 20000; echo; i=$((i+1)); done`;
  const guest = containers.record({ command: ['sh', '-c', `${count}; sleep 60`], tty: false });
  await containers.up(guest);
  for (let turn = 0; turn < 3; turn++) {
    await containers.restartEngine();
    await containers.driver.adopt(guest);
    const [main] = await containers.driver.endpoints(guest);
    const session = await reading(main);
    await session.shows(`o${(turn + 1) * 30}\n`);
    expect(wanted('o').startsWith(session.seen.stdout)).toBe(true);
    expect(wanted('e').startsWith(session.seen.stderr)).toBe(true);
    if (turn < 2) continue;
    for (const mark of ['o', 'e']) await session.shows(`${mark}${LINES - 1}\n`);
    expect(session.seen).toMatchObject({ stdout: wanted('o'), stderr: wanted('e') });
  }
});

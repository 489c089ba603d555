/** A machine's screen through the served window's WebSocket, against the same on QEMU's own socket. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Client, createClient } from '../../../engine/contract/client.ts';
import { connectUnix } from '../../../engine/drivers/qemu/connect.ts';
import { guestRunFolder } from '../../../engine/host/paths.ts';
import { windowPath } from '../../../main/server/auth.ts';
import { webSocketCarrier } from '../../../main/server/websocket.ts';
import type { Bench, BenchContext, Variant } from '../harness.ts';
import { createGuest, makeBenchHome } from '../home.ts';
import { Line, openRfb, type Rfb } from '../peers/rfb.ts';
import { serve } from '../peers/server.ts';

/** One measurement of moving pictures (ms). */
const WATCH_MS = 1_000;

/** The screen of one machine by both ways; `command` runs in it. */
async function bothWays(context: BenchContext, command: readonly string[]): Promise<{ ours: Rfb; floor: Rfb }> {
  const home = makeBenchHome(context, 'home');
  const engine = await home.engine();
  await engine.call('images.build', { builder: 'busybox' });
  const { id } = await createGuest(engine, {
    isolation: 'vm',
    image: 'busybox',
    memoryMib: 128,
    network: 'none',
    command: [...command],
  });
  await engine.call('guests.start', { guest: id });
  await home.leave();
  const client = await clientOf(new URL(await serve(context, home)));
  context.defer('the link', () => client.close());
  const line = new Line();
  const stream = await client.open(
    'display',
    { guest: id },
    {
      onData(bytes, from) {
        from.consumed(bytes.length);
        line.take(bytes);
      },
    },
  );
  line.write = (bytes) => void stream.write(new Uint8Array(bytes));

  const socket = await connectUnix(join(guestRunFolder(home.paths, id), 'qemu', 'vnc.sock'));
  context.defer("QEMU's socket", () => socket.destroy());
  const direct = new Line();
  direct.write = (bytes) => void socket.write(bytes);
  socket.on('data', (bytes) => direct.take(bytes));
  const rfbs = { ours: await openRfb(line), floor: await openRfb(direct) };
  // The guest's own start would be measured with it.
  await sleep(5_000);
  return rfbs;
}

async function clientOf(url: URL): Promise<Client> {
  const token = url.searchParams.get('token') as string;
  const socket = new WebSocket(`ws://${url.host}${windowPath(token)}bridge`, {
    headers: { origin: url.origin, cookie: `guesthouse-${url.port}=${token}` },
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return createClient(webSocketCarrier(socket));
}

const variants = (of: { ours: Rfb; floor: Rfb }, measure: (rfb: Rfb) => Promise<number>): Variant[] => [
  { role: 'ours', label: 'served window, by its WebSocket', run: async () => ({ ms: await measure(of.ours) }) },
  { role: 'floor', label: "QEMU's own socket", run: async () => ({ ms: await measure(of.floor) }) },
];

export const displayDelay: Bench = {
  name: 'display-delay',
  about: "a question to a machine's screen and QEMU's answer to it (size of the screen), without drawing it",
  goals: [{ of: 'ours-floor p95 ms', atMost: 3 }],
  rounds: 200,
  warmups: 20,
  prepare: async (context) => variants(await bothWays(context, ['sleep', '600']), (rfb) => rfb.echo()),
};

export const displayFrames: Bench = {
  name: 'display-frames',
  about: 'time from one picture to the next of a screen that changes all the time (QEMU makes one every 30 ms)',
  goals: [{ of: 'ours', atMost: 1_000 / 30 }],
  rounds: 10,
  warmups: 1,
  async prepare(context) {
    // This kernel has no console on the card, whose text mode is written to itself: 184 * 4096 = 0xb8000.
    const loop = 'i=0; while :; do i=$((i+1)); echo "$i" | dd of=/dev/mem bs=4096 seek=184 2>/dev/null; done';
    return variants(
      await bothWays(context, ['sh', '-c', loop]),
      async (rfb) => WATCH_MS / (await rfb.updates(WATCH_MS)),
    );
  },
};

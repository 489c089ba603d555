import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { readSound } from './rfb-sound.ts';

/** A server that says this, one byte at a time, whatever it is asked; what it was asked is kept. */
function server(...says: (string | number[])[]): { socket: Duplex; asked: Buffer[] } {
  const asked: Buffer[] = [];
  const bytes = Buffer.concat(says.map((part) => Buffer.from(part as string)));
  let at = 0;
  const socket = new Duplex({
    read() {
      this.push(at < bytes.length ? bytes.subarray(at, ++at) : null);
    },
    write(chunk, _encoding, done) {
      asked.push(chunk);
      done();
    },
  });
  return { socket, asked };
}

const GREETING = ['RFB 003.008\n', [1, 1], [0, 0, 0, 0], Array(20).fill(0), [0, 0, 0, 2], 'me'];
const ACKNOWLEDGED = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xfe, 0xfd];
const heard = async (socket: Duplex) => {
  const pieces: number[][] = [];
  for await (const piece of readSound(socket)) pieces.push([...piece]);
  return pieces;
};

test('samples are what is between the messages', async () => {
  const { socket, asked } = server(
    ...GREETING,
    ACKNOWLEDGED,
    [255, 1, 0, 1],
    [255, 1, 0, 2, 0, 0, 0, 4, 1, 2, 3, 4],
    [2],
    [3, 0, 0, 0, 0, 0, 0, 1, 65],
    [255, 1, 0, 2, 0, 0, 0, 2, 5, 6],
    [255, 1, 0, 0],
  );
  expect(await heard(socket)).toEqual([
    [1, 2, 3, 4],
    [5, 6],
  ]);
  expect(Buffer.concat(asked).subarray(-22).toString('hex')).toBe(
    ['02000001fffffefd', 'ff010002', '0302', '0000bb80', 'ff010000'].join(''),
  );
});

test('one that ends in the middle has no more to say, and what is no sound is refused', async () => {
  expect(await heard(server('RFB 003').socket)).toEqual([]);
  expect(await heard(server(...GREETING, ACKNOWLEDGED, [255, 1, 0, 2, 0, 0, 0, 9, 1]).socket)).toEqual([]);
  await expect(heard(server('HTTP/1.1 200').socket)).rejects.toThrow(/no VNC server/);
  await expect(heard(server(...GREETING, [1]).socket)).rejects.toThrow(/of type 1/);
  await expect(heard(server(...GREETING, [255, 1, 0, 2, 255, 0, 0, 0]).socket)).rejects.toThrow(/claims/);
});

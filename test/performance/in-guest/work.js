/**
 * Run by the same Node on the host and in a container: `node --expose-gc work.js SOCKET FOLDER`. Joins the socket, does one piece of
 * work for each line it reads (`cpu`, `memory`, `disk`) and answers with the milliseconds it took.
 */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MIB = 1024 * 1024;
const [, , socketPath, folder] = process.argv;

const work = {
  /** Integer and floating-point arithmetic, and a hash. */
  cpu() {
    let sum = 0;
    for (let index = 1; index < 6_000_000; index++) sum = (sum + Math.sqrt(index) * (index & 7)) % 65_537;
    const bytes = Buffer.alloc(MIB, sum & 255);
    const hash = createHash('sha256');
    for (let index = 0; index < 40; index++) hash.update(bytes);
    return hash.digest('hex');
  },
  /** Pages nobody had yet, written, copied and given back. */
  memory() {
    for (let index = 0; index < 2; index++) {
      const from = new Uint8Array(new ArrayBuffer(48 * MIB)).fill(index + 1);
      new Uint8Array(new ArrayBuffer(48 * MIB)).set(from);
    }
  },
  /** Written in pieces and on the disk, read back in small pieces, removed. */
  disk() {
    const path = join(folder, 'file');
    const piece = Buffer.alloc(256 * 1024, 7);
    const small = Buffer.alloc(4096);
    const file = openSync(path, 'w+');
    for (let index = 0; index < 256; index++) writeSync(file, piece);
    fsyncSync(file);
    for (let index = 0; index < 16_384; index++) readSync(file, small, 0, 4096, ((index * 4_093) % 16_384) * 4096);
    closeSync(file);
    rmSync(path);
  },
};

const socket = connect(socketPath);
for await (const line of createInterface(socket)) {
  global.gc();
  const began = process.hrtime.bigint();
  work[line]();
  socket.write(`${Number(process.hrtime.bigint() - began) / 1e6}\n`);
}

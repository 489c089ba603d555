import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processRef } from '../../host/process-ref.ts';
import { startByFifo, tellFifo } from './start-fifo.ts';

const GONE = { pid: 4_194_303, startTicks: 1 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fifo-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('starting by the fifo', () => {
  it('takes the byte of an init that waits, and then the fifo', async () => {
    const path = join(folder, 'exec.fifo');
    execFileSync('mkfifo', [path]);
    const init = spawn('sh', ['-c', 'printf 0 >"$1"', 'sh', path]);
    const ref = processRef(init.pid as number);
    expect(await startByFifo(folder, ref ?? GONE, 5_000)).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  it('takes the byte of a program that has come and gone', async () => {
    const path = join(folder, 'exec.fifo');
    execFileSync('mkfifo', [path]);
    const fd = openSync(path, 'r+');
    writeSync(fd, '0');
    expect(await startByFifo(folder, GONE, 5_000)).toBe(true);
    closeSync(fd);
  });

  it('leaves it to the runtime when there is no fifo or nobody to open it', async () => {
    expect(await startByFifo(folder, GONE, 5_000)).toBe(false);
    execFileSync('mkfifo', [join(folder, 'exec.fifo')]);
    expect(await startByFifo(folder, GONE, 5_000)).toBe(false);
    rmSync(join(folder, 'exec.fifo'));
    writeFileSync(join(folder, 'exec.fifo'), '0');
    expect(await startByFifo(folder, GONE, 5_000)).toBe(false);
  });
});

describe('telling by the fifo', () => {
  it('gives an init that waits its byte, and takes the fifo', async () => {
    const path = join(folder, 'exec.fifo');
    execFileSync('mkfifo', [path]);
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    expect(tellFifo(folder)).toBe(true);
    expect(existsSync(path)).toBe(false);
    expect(readSync(fd, Buffer.alloc(2))).toBe(1);
    closeSync(fd);
  });

  it('leaves it to the runtime when nobody waits, or it is no fifo', () => {
    const path = join(folder, 'exec.fifo');
    expect(tellFifo(folder)).toBe(false);
    execFileSync('mkfifo', [path]);
    expect(tellFifo(folder)).toBe(false);
    expect(existsSync(path)).toBe(true);
    rmSync(path);
    writeFileSync(path, 'text');
    expect(tellFifo(folder)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('text');
  });
});

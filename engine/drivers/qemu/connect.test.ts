import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { connectUnix } from './connect.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-connect-'));
let listener: ChildProcess | null = null;
const open: Socket[] = [];
afterEach(() => {
  for (const socket of open) socket.destroy();
  listener?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('tells one that is silent from one that is not there', async () => {
  await expect(connectUnix(join(folder, 'none'))).rejects.toMatchObject({ code: 'disconnected' });
  writeFileSync(join(folder, 'file'), '');
  await expect(connectUnix(join(folder, 'file'))).rejects.toMatchObject({ code: 'disconnected' });

  const path = join(folder, 'silent');
  const script = `require('net').createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => process.stdout.write('x'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  listener = child;
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGSTOP');
  let failure: unknown = null;
  for (let tries = 0; tries < 10 && failure === null; tries++) {
    await connectUnix(path).then(
      (socket) => open.push(socket),
      (error) => {
        failure = error;
      },
    );
  }
  expect(failure).toMatchObject({ code: 'timeout', message: 'QEMU does not answer.' });
});

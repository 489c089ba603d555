/** What happens in QEMU without us asking, against a monitor of our own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { resolvePaths } from '../../host/paths.ts';
import { bootId, type ProcessRef, processRef } from '../../host/process-ref.ts';
import { DISK_FULL_NOTE, LiveMachine } from './live.ts';
import { machinePaths } from './run-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-live-'));
const paths = resolvePaths({ ...process.env, GUESTHOUSE_HOME: folder });
const files = {
  ...machinePaths(paths, '0123456789ab'),
  qmp: join(folder, 'qmp.sock'),
};
const over: (() => void)[] = [];
afterEach(() => {
  for (const end of over.splice(0)) end();
  for (const made of [folder, paths.run]) rmSync(made, { recursive: true, force: true });
});

it('tells of a pause and its end once each, and of a full disk, but not of what was asked for', async () => {
  let peer: Socket | null = null;
  const say = (message: object) => peer?.write(`${JSON.stringify(message)}\n`);
  const event = (name: string, data: object = {}) => {
    say({ event: name, data, timestamp: {} });
    return undefined;
  };
  const answers: Record<string, () => object | undefined> = {
    'query-status': () => ({ running: false, status: 'io-error' }),
    stop: () => event('STOP'),
    cont: () => event('RESUME'),
  };
  const server = createServer((socket) => {
    peer = socket;
    say({ QMP: { version: { qemu: { major: 7, minor: 2, micro: 0 } }, capabilities: [] } });
    socket.on('data', (bytes) => {
      for (const line of bytes.toString().trim().split('\n')) {
        const { execute, id } = JSON.parse(line);
        say({ return: answers[execute]?.() ?? {}, id });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(files.qmp, resolve));
  const news: unknown[] = [];
  const machine = new LiveMachine(
    '0123456789ab',
    files,
    {
      qemu: processRef(process.pid) as ProcessRef,
      bootId: bootId(),
      startedAt: 0,
      started: true,
      accelerator: 'tcg',
      notes: [],
      agent: false,
      reporter: null,
      folders: [],
    },
    { onEnded() {}, onPaused: (paused, why) => news.push(paused, why), onNote: (note) => news.push(note) },
  );
  over.push(
    () => machine.release(),
    () => server.close(),
  );

  expect(await machine.status()).toEqual({ paused: true, note: DISK_FULL_NOTE });
  await machine.setPaused(true);
  await machine.setPaused(false);
  expect(news).toEqual([]);
  event('STOP');
  event('RESUME');
  await vi.waitFor(() => expect(news).toEqual([true, null, false, null]));
  news.length = 0;
  const full = { action: 'stop', nospace: true, operation: 'write', reason: 'No space left on device' };
  event('BLOCK_IO_ERROR', full);
  event('BLOCK_IO_ERROR', full);
  event('STOP');
  await vi.waitFor(() => expect(news).toEqual([true, DISK_FULL_NOTE]));
  event('RESUME');
  event('BLOCK_IO_ERROR', { ...full, nospace: false, reason: 'Input/output error' });
  event('BLOCK_IO_ERROR', { ...full, action: 'report' });
  event('STOP');
  await vi.waitFor(() =>
    expect(news.slice(2)).toEqual([false, null, true, expect.stringContaining('Input/output error')]),
  );
});

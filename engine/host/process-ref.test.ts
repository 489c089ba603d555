import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import {
  bootId,
  ended,
  isAlive,
  isChild,
  type ProcessRef,
  processRef,
  signalProcess,
  startTicksIn,
} from './process-ref.ts';

const stat = (threads: number) =>
  `812 (a) b (c)) S ${Array.from({ length: 16 }, (_, at) => at).join(' ')} ${threads} 0 424242 0 0`;
const STAT = stat(1);

it('finds the start time whatever the process calls itself', () => {
  expect(startTicksIn(STAT)).toBe(424242);
});

it('takes a zombie, a dead one and none for gone', () => {
  expect(startTicksIn(STAT.replace(') S ', ') Z '))).toBeNull();
  expect(startTicksIn(STAT.replace(') S ', ') X '))).toBeNull();
  expect(startTicksIn('')).toBeNull();
});

it('takes a zombie whose threads still end for what has its files open', () => {
  expect(startTicksIn(stat(3).replace(') S ', ') Z '))).toBe(424242);
  expect(startTicksIn(stat(3).replace(') S ', ') X '))).toBeNull();
});

it('meets a process again, not another of its number, and sees its end', async () => {
  const child = spawn('sleep', ['20']);
  const ref = processRef(child.pid as number);
  expect(ref?.pid).toBe(child.pid);
  if (!ref) return;
  expect(isAlive(ref)).toBe(true);
  expect(signalProcess({ ...ref, startTicks: ref.startTicks + 1 }, 'SIGKILL')).toBe(false);
  expect(await ended(ref, 30)).toBe(false);
  const closed = once(child, 'close');
  expect(signalProcess(ref, 'SIGKILL')).toBe(true);
  expect(await ended(ref, 5_000)).toBe(true);
  await closed;
  expect(signalProcess(ref, 'SIGKILL')).toBe(false);
});

it('knows whose child runs, and when it has been handed to another', async () => {
  const here = processRef(process.pid) as ProcessRef;
  const shell = spawn('sh', ['-c', 'sleep 20 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(shell, 'exit');
  const parent = processRef(shell.pid as number) as ProcessRef;
  const [said] = await once(shell.stdout, 'data');
  const orphan = processRef(Number(said)) as ProcessRef;
  expect(isChild(orphan, parent)).toBe(true);
  expect(isChild(orphan, here)).toBe(false);
  expect(isChild({ ...orphan, startTicks: orphan.startTicks + 1 }, parent)).toBe(false);
  shell.kill('SIGKILL');
  await closed;
  expect(isAlive(orphan)).toBe(true);
  expect(isChild(orphan, parent)).toBe(false);
  signalProcess(orphan, 'SIGKILL');
});

it('knows this boot', () => {
  expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
});

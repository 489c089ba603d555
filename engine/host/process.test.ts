import { expect, it } from 'vitest';
import { run } from './process.ts';

it('answers what a program said, and how it failed', async () => {
  expect(await run(['sh', '-c', 'cat; echo no >&2'], { input: 'yes' })).toEqual({
    code: 0,
    stdout: 'yes',
    stderr: 'no\n',
  });
  expect((await run(['sh', '-c', 'exit 3'], { okCodes: [3] })).code).toBe(3);
  await expect(run(['sh', '-c', 'echo why >&2; exit 3'])).rejects.toMatchObject({ code: 'internal', cause: 'why' });
  await expect(run(['no-such-program'])).rejects.toMatchObject({ code: 'missing-tool', subject: 'no-such-program' });
});

it('ends a program that is late, and its children', async () => {
  await expect(run(['sh', '-c', 'sleep 20 & wait'], { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
});

it('answers in time though a grandchild that left the group holds its output', async () => {
  const begin = performance.now();
  const late = run(['sh', '-c', 'setsid sleep 6 & sleep 6'], { timeoutMs: 100 });
  await expect(late).rejects.toMatchObject({ code: 'timeout' });
  expect(performance.now() - begin).toBeLessThan(5_000);
});

it('ends a program that is cancelled and does not listen', async () => {
  const control = new AbortController();
  const deaf = run(['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.2; done'], {
    signal: control.signal,
    onStdoutLine: () => control.abort(),
  });
  await expect(deaf).rejects.toMatchObject({ code: 'cancelled' });
});

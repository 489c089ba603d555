import { afterEach, expect, test, vi } from 'vitest';
import { GuesthouseError } from '../../engine/contract/errors.ts';
import { tell, tellWhile } from './told.ts';

const failure = () => new GuesthouseError({ code: 'resources', message: 'It is full.', subject: 'disk' });
const written = () => vi.spyOn(process.stderr, 'write').mockReturnValue(true);
afterEach(() => vi.restoreAllMocks());

test('a failure is told once', () => {
  const out = written();
  const error = failure();
  tell(error);
  tell(error);
  expect(out.mock.calls).toEqual([['error [resources]: It is full.\n']]);
});

test('while the command stays for others it is not kept back', async () => {
  const out = written();
  const error = failure();
  await tellWhile(
    error,
    vi.waitUntil(() => out.mock.calls.length > 0, { timeout: 20_000 }).then(() => {}),
  );
  tell(error);
  expect(out).toHaveBeenCalledTimes(1);
});

test('an end in time says nothing: the command itself will', async () => {
  const out = written();
  await tellWhile(failure(), Promise.resolve());
  expect(out).not.toHaveBeenCalled();
});

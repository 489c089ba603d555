/** Calls about files. */
import { filesOf } from './reach.ts';
import type { CallsOf, Rooms } from './rooms.ts';

export function fileCalls({ guests }: Rooms): CallsOf<'files'> {
  return {
    'files.list': async ({ guest, path }) => (await filesOf(guests, guest)).list(path),
    'files.makeFolder': async ({ guest, path }) => {
      await (await filesOf(guests, guest)).makeFolder(path);
      return null;
    },
    'files.rename': async ({ guest, path, to }) => {
      await (await filesOf(guests, guest)).rename(path, to);
      return null;
    },
    'files.remove': async ({ guest, path }) => {
      await (await filesOf(guests, guest)).remove(path);
      return null;
    },
  };
}

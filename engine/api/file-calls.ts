/** Calls about files. */
import { type CallsOf, notYet, type Rooms } from './rooms.ts';

export function fileCalls(_rooms: Rooms): CallsOf<'files'> {
  return {
    'files.list': notYet('files.list'),
    'files.makeFolder': notYet('files.makeFolder'),
    'files.rename': notYet('files.rename'),
    'files.remove': notYet('files.remove'),
  };
}

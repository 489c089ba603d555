/** Making, naming and removing files of a guest. */
import { GuesthouseError } from '../contract/errors.ts';
import { namedPath } from './paths.ts';
import type { GuestTools } from './tools.ts';

/** A move between file systems copies, and a large tree takes a while to remove (ms). */
const LONG_TIMEOUT_MS = 10 * 60_000;

export async function makeFolder(root: GuestTools, path: string): Promise<void> {
  await root.text(['mkdir', '-m', '755', namedPath(path).path]);
}

export async function renameFile(root: GuestTools, from: string, to: string): Promise<void> {
  const [source, target] = [namedPath(from), namedPath(to)];
  await root.text(['stat', '-c', '%f', source.path]);
  if (await isThere(root, target.path)) {
    throw new GuesthouseError({
      code: 'conflict',
      message: `There is something at ${target.path} already.`,
      subject: target.path,
      hint: 'Choose another name, or remove it first.',
    });
  }
  await root.text(['mv', '-n', '-T', source.path, target.path], { timeoutMs: LONG_TIMEOUT_MS });
}

export async function removeFile(root: GuestTools, path: string): Promise<void> {
  const { path: whole } = namedPath(path);
  await root.text(['stat', '-c', '%f', whole]);
  await root.text(['rm', '-rf', whole], { timeoutMs: LONG_TIMEOUT_MS });
}

/** Whether there is something of this name, be it a link to nowhere. */
export async function isThere(root: GuestTools, path: string): Promise<boolean> {
  return (await root.text(['stat', '-c', '%f', path], { okCodes: [0, 1] })).length > 0;
}

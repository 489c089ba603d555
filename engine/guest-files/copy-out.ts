/** Copying out of a guest: a tar archive made inside its root, or the bytes of one file. */
import { GuesthouseError } from '../contract/errors.ts';
import type { CopyOut } from '../drivers/reach.ts';
import { bulkOf } from './bulk.ts';
import { guestPath, namedPath, realPath } from './paths.ts';
import type { GuestTools } from './tools.ts';

/** Of the mode bits of stat(2): what kind of file. */
const KINDS: Readonly<Record<number, CopyOut['kind']>> = { 4: 'folder', 8: 'file', 10: 'link' };
/** Made up by the kernel while the guest runs. */
const KERNEL = ['/proc', '/sys', '/dev'];

export async function copyOut(
  root: GuestTools,
  path: string,
  { raw, signal }: { raw: boolean; signal: AbortSignal },
): Promise<CopyOut> {
  if (raw) {
    const target = await realPath(root, guestPath(path));
    const { kind, sizeBytes } = await look(root, target);
    if (kind !== 'file') throw unfit(path, kind === 'folder' ? 'It is a folder.' : 'It is no regular file.');
    return { kind, sizeBytes, bytes: bulkOf(root).read(target, signal) };
  }
  if (guestPath(path) === '/') {
    return { kind: 'folder', sizeBytes: null, bytes: bulkOf(root).pack('/', await namesOfRoot(root), signal) };
  }
  const { path: whole, folder, name } = namedPath(path);
  const { kind } = await look(root, whole);
  if (kind === null) throw unfit(path, 'It is neither a file nor a folder.');
  return { kind, sizeBytes: null, bytes: bulkOf(root).pack(folder, [name], signal) };
}

async function namesOfRoot(root: GuestTools): Promise<string[]> {
  const listed = await root.text(['find', '/', '-mindepth', '1', '-maxdepth', '1', '-print0']);
  const paths = listed.toString('utf8').split('\0').filter(Boolean);
  return paths.filter((path) => !KERNEL.includes(path)).map((path) => `.${path}`);
}

/** `kind` null: a device, a socket or a pipe. */
async function look(root: GuestTools, path: string): Promise<{ kind: CopyOut['kind'] | null; sizeBytes: number }> {
  const [mode = '', size] = (await root.text(['stat', '-c', '%f %s', path])).toString('latin1').trim().split(' ');
  return { kind: KINDS[Number.parseInt(mode, 16) >> 12] ?? null, sizeBytes: Number(size) };
}

function unfit(path: string, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'invalid',
    message: `${path.slice(0, 200)} cannot be copied like this.`,
    subject: path.slice(0, 200),
    cause: why,
    hint: 'Copy a regular file, or a folder as an archive.',
  });
}

/** Unpacks what a guest sent below a folder of the host: GNU tar, which is given only entries the scan passed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ErrorCode, GuesthouseError } from '../../../engine/contract/errors.ts';
import { readTar } from '../../../engine/images/archive/tar-reader.ts';
import type { CopyScan } from './scan.ts';

const STDERR_BYTES = 2000;

/** `strip`: leave the first component of every name out. */
export async function unpackFolder(
  source: AsyncIterable<Uint8Array>,
  folder: string,
  scan: CopyScan,
  { strip = false } = {},
): Promise<void> {
  const child = spawn(
    'tar',
    [
      '--extract',
      '--file=-',
      `--directory=${folder}`,
      // Owners and set-id bits are the guest's; here everything belongs to whoever copies.
      '--no-same-owner',
      '--no-same-permissions',
      '--delay-directory-restore',
      '--no-acls',
      '--no-selinux',
      '--no-xattrs',
      '--warning=no-timestamp',
      '--warning=no-unknown-keyword',
      ...(strip ? ['--strip-components=1'] : []),
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-STDERR_BYTES);
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new GuesthouseError({ code: 'missing-tool', message: 'The program tar is not installed.', subject: 'tar' })
          : error,
      ),
    );
    child.on('close', (code) => resolve(code ?? 1));
  });
  ended.catch(() => {});
  const write = async (bytes: Uint8Array) => {
    if (!child.stdin.write(bytes)) await Promise.race([once(child.stdin, 'drain'), ended]);
  };
  try {
    await readTar(source, {
      async entry(entry) {
        const keep = scan.judge(entry) === 'keep';
        if (keep) await write(entry.header);
        return keep && entry.sizeBytes > 0;
      },
      content: write,
    });
    child.stdin.end(Buffer.alloc(1024));
  } catch (error) {
    child.stdin.destroy();
    await ended.catch(() => {});
    throw error;
  }
  if ((await ended) === 0) return;
  throw new GuesthouseError({
    code: /No space left/.test(errors) ? 'resources' : /Permission denied/.test(errors) ? 'denied' : 'bad-data',
    message: 'What the guest sent could not be unpacked.',
    subject: folder,
    cause: errors.trim(),
  });
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'invalid',
  EISDIR: 'invalid',
  ENOSPC: 'resources',
  EDQUOT: 'resources',
};

/** A place of the host that cannot be written is the person's matter, and no fault of ours. */
function unwritable(path: string, { code = '', message }: NodeJS.ErrnoException): GuesthouseError {
  const what = code === 'ENOENT' ? `The folder ${dirname(path)} is not there.` : `${path} cannot be written.`;
  return new GuesthouseError({ code: CODES[code] ?? 'denied', message: what, subject: path, cause: message });
}

/** Writes the one regular file an archive holds. */
export async function unpackFile(source: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const file = await open(path, 'w', 0o644).catch((error: NodeJS.ErrnoException) => {
    throw unwritable(path, error);
  });
  let left = -1;
  try {
    await readTar(source, {
      async entry({ name, type, sizeBytes, mode }) {
        if (type !== 'file' || left >= 0) {
          throw new GuesthouseError({
            code: 'bad-data',
            message: 'The guest sent something else than the file asked for.',
            subject: JSON.stringify(name.slice(0, 120)),
          });
        }
        left = sizeBytes;
        await file.chmod(mode & 0o777 & ~process.umask());
        return sizeBytes > 0;
      },
      async content(bytes) {
        // The last piece is padded to a whole block.
        const piece = bytes.subarray(0, left);
        left -= piece.length;
        await file.write(piece);
      },
    });
  } finally {
    await file.close();
  }
}

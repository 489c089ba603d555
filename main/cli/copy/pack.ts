/** Files of the host as a tar archive for a guest; everything in it belongs to root there. */
import { spawn } from 'node:child_process';
import { createReadStream, type Stats } from 'node:fs';
import { pack } from 'tar-stream';
import { GuesthouseError } from '../../../engine/contract/errors.ts';

const STDERR_BYTES = 2000;

/** One file, under the name it gets. */
export function packFile(path: string, name: string, stats: Stats): AsyncIterable<Uint8Array> {
  const archive = pack();
  const entry = archive.entry(
    { name, size: stats.size, mode: stats.mode & 0o7777, mtime: stats.mtime, uid: 0, gid: 0, type: 'file' },
    (error) => (error ? archive.destroy(error) : archive.finalize()),
  );
  createReadStream(path, { end: Math.max(0, stats.size - 1) })
    .on('error', (error) => archive.destroy(error))
    .pipe(entry);
  return archive as unknown as AsyncIterable<Uint8Array>;
}

/** What is in a folder. */
export async function* packFolder(folder: string): AsyncGenerator<Uint8Array> {
  const child = spawn(
    'tar',
    ['--create', '--file=-', `--directory=${folder}`, '--owner=0', '--group=0', '--numeric-owner', '--format=pax', '.'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-STDERR_BYTES);
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  ended.catch(() => {});
  try {
    yield* child.stdout;
    if ((await ended) !== 0)
      throw new GuesthouseError({
        code: /Permission denied/.test(errors) ? 'denied' : 'invalid',
        message: `The folder ${folder} could not be read.`,
        subject: folder,
        cause: errors.trim(),
      });
  } finally {
    if (child.exitCode === null) child.kill();
  }
}

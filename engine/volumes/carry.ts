/** A volume's data as a stream that any other home can take in: a plain tar, as OCI layers are. */
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationContext } from '../drivers/driver.ts';
import { run } from '../host/process.ts';
import { overlayTar } from '../images/archive/overlay-tar.ts';
import type { Inside } from '../images/inside.ts';
import { createLayers } from '../images/layers.ts';

export async function* packTree(inside: Inside, folder: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  await inside.ensure();
  const namespace = inside.rootless ? 'user' : 'trusted';
  yield* overlayTar({ prefix: inside.prefix(), folder, namespace, signal });
}

/**
 * Puts what a tar of unknown origin holds in place of the empty folder `target`. It is judged as a layer of an image is
 * (images/archive/layer-scan.ts): nothing leaves the folder, devices are left out. `work`: a folder that is not there
 * yet, on the same disk, ours alone.
 */
export async function unpackTree(
  inside: Inside,
  source: AsyncIterable<Uint8Array>,
  target: string,
  work: string,
  { signal }: Pick<OperationContext, 'signal'>,
): Promise<void> {
  await inside.ensure();
  await mkdir(work, { mode: 0o700 });
  try {
    const layers = createLayers(work, inside);
    const { diffId } = await layers.add(source, { work, signal });
    await inside.sync(layers.tree(diffId), signal);
    await rmdir(target);
    // Inside, because a folder's owner alone may move it to another one.
    await run([...inside.prefix(), 'mv', '-T', '--', layers.tree(diffId), target], { signal });
  } finally {
    await inside.removeTree(work);
  }
}

/** Beside a volume's `data` while it is unpacked. */
export const unpackFolder = (volume: string): string => join(volume, 'fill-work');

/** Looks for what guests can be made from in a folder; nothing of it is opened. */
import { readdir, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { toErrorShape } from '../contract/errors.ts';
import type { FolderFinds } from '../contract/folder.ts';
import { unreadable } from './browse.ts';
import { findProgram, missingTool } from './tools.ts';

/** In the order builds look for them. */
const CONTAINERFILES = ['Containerfile', 'Dockerfile'];
const COMPOSE = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
/** More are for the file chooser. */
const MOST_MACHINES = 20;

export async function lookAtFolder(path: string): Promise<FolderFinds> {
  const wished = resolve(path);
  try {
    const folder = await realpath(wished);
    const found = await readdir(folder, { withFileTypes: true });
    const files = new Set(found.filter((one) => one.isFile() || one.isSymbolicLink()).map(({ name }) => name));
    return {
      path: folder,
      containerfile: CONTAINERFILES.find((name) => files.has(name)) ?? null,
      whyNoBuild: findProgram('buildah') === null ? toErrorShape(missingTool('buildah')) : null,
      machines: [...files]
        .filter((name) => /\.(box|ova|guest\.tar)$/i.test(name))
        .sort()
        .slice(0, MOST_MACHINES),
      vagrantfile: files.has('Vagrantfile'),
      compose: COMPOSE.find((name) => files.has(name)) ?? null,
    };
  } catch (error) {
    throw unreadable(wished, error);
  }
}

/** Files of an opened machine, as its driver offers them: the same acts as on a container's, in the rescue machine. */
import { GuesthouseError, toErrorShape } from '../../../contract/errors.ts';
import { makeFolder, removeFile, renameFile } from '../../../guest-files/change.ts';
import { copyIn } from '../../../guest-files/copy-in.ts';
import { copyOut } from '../../../guest-files/copy-out.ts';
import { fileFailure } from '../../../guest-files/failure.ts';
import { listFolder } from '../../../guest-files/list.ts';
import { guestPath, realPath } from '../../../guest-files/paths.ts';
import type { GuestTools } from '../../../guest-files/tools.ts';
import type { GuestRecord } from '../../driver.ts';
import type { GuestFiles } from '../../reach.ts';
import type { OpenedRescue } from './opened.ts';

/** A new file that brings no owner along is root's, as one is that root makes in the system. */
const ROOT = { uid: 0, gid: 0 };

export function rescueFiles(guest: GuestRecord, rescue: OpenedRescue): GuestFiles {
  const explained = (error: unknown, path: string): unknown => {
    if (rescue.signal.aborted) return closed(guest);
    const told = fileFailure(error, path);
    const isReadOnly = toErrorShape(told).code === 'denied' && !rescue.shown.write;
    return isReadOnly ? readingOnly(guest) : told;
  };
  const acting = async <T>(path: string, act: (tools: GuestTools) => Promise<T>): Promise<T> => {
    try {
      return await act(rescue.tools());
    } catch (error) {
      throw explained(error, path);
    }
  };
  const changing = <T>(path: string, act: (tools: GuestTools) => Promise<T>): Promise<T> =>
    acting(path, (tools) => {
      if (!rescue.shown.write) throw readingOnly(guest);
      return act(tools);
    });

  return {
    list: (path) => acting(path, async (tools) => listFolder(tools, await realPath(tools, guestPath(path)))),
    makeFolder: (path) => changing(path, (tools) => makeFolder(tools, path)),
    rename: (path, to) => changing(path, (tools) => renameFile(tools, path, to)),
    remove: (path) => changing(path, (tools) => removeFile(tools, path)),
    copyOut: (path, { raw, signal }) =>
      acting(path, async (tools) => {
        const both = AbortSignal.any([signal, rescue.signal]);
        const out = await copyOut(tools, path, { raw, signal: both });
        return { ...out, bytes: explaining(out.bytes, (error) => explained(error, path)) };
      }),
    copyIn: (path, { raw, signal, source }) =>
      changing(path, async (tools) => {
        const both = AbortSignal.any([signal, rescue.signal]);
        const { done } = await copyIn(tools, path, { raw, source, owner: ROOT, signal: both });
        const told = done.then(
          async (result) => {
            await tools.text(['sync']);
            return result;
          },
          (error) => {
            throw explained(error, path);
          },
        );
        told.catch(() => {});
        return { done: told };
      }),
  };
}

async function* explaining(bytes: AsyncGenerator<Uint8Array>, explain: (error: unknown) => unknown) {
  try {
    yield* bytes;
  } catch (error) {
    throw explain(error);
  }
}

function readingOnly({ spec }: GuestRecord): GuesthouseError {
  return new GuesthouseError({
    code: 'denied',
    message: `The disks of ${spec.name} are open for reading only.`,
    subject: spec.name,
    hint: 'Close them, and open them for writing.',
  });
}

function closed({ spec }: GuestRecord): GuesthouseError {
  return new GuesthouseError({
    code: 'wrong-state',
    message: `The disks of ${spec.name} were closed meanwhile.`,
    subject: spec.name,
    hint: 'Open them again.',
  });
}

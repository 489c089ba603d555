/** Files of a running machine with an init of ours: its busybox runs as a program in the guest's own root. */
import { GuesthouseError } from '../../contract/errors.ts';
import { makeFolder, removeFile, renameFile } from '../../guest-files/change.ts';
import { copyIn } from '../../guest-files/copy-in.ts';
import { copyOut } from '../../guest-files/copy-out.ts';
import { fileFailure } from '../../guest-files/failure.ts';
import { listFolder } from '../../guest-files/list.ts';
import { guestPath, realPath } from '../../guest-files/paths.ts';
import { type GuestTools, textOf } from '../../guest-files/tools.ts';
import type { GuestRecord } from '../driver.ts';
import type { GuestFiles } from '../reach.ts';
import { OWN_BUSYBOX } from './exec/request.ts';
import type { LiveMachine } from './live.ts';
import type { Programs } from './programs.ts';

/** Whose is a new file that brings no owner along. */
const ROOT = { uid: 0, gid: 0 };

/** Each act throws `unsupported` for a machine that does not run, or has a system of its own. */
export function filesOfMachine(
  programs: Programs,
  live: ReadonlyMap<string, LiveMachine>,
  guest: GuestRecord,
): GuestFiles {
  const root: GuestTools = {
    tool: (args, options) => programs.tool(guest, [OWN_BUSYBOX, ...args], options),
    text: (args, options) => textOf(root.tool(args, options)),
  };
  async function reaching<T>(path: string, act: () => Promise<T>): Promise<T> {
    const machine = live.get(guest.id);
    if (!machine?.alive || !machine.record.agent) throw outOfReach(guest, machine?.alive === true);
    return act().catch((error) => Promise.reject(fileFailure(error, path)));
  }
  return {
    list: (path) => reaching(path, async () => listFolder(root, await realPath(root, guestPath(path)))),
    makeFolder: (path) => reaching(path, () => makeFolder(root, path)),
    rename: (path, to) => reaching(path, () => renameFile(root, path, to)),
    remove: (path) => reaching(path, () => removeFile(root, path)),
    copyOut: (path, options) =>
      reaching(path, async () => {
        const out = await copyOut(root, path, options);
        return { ...out, bytes: explained(out.bytes, path) };
      }),
    copyIn: (path, options) =>
      reaching(path, async () => {
        const { done } = await copyIn(root, path, { ...options, owner: ROOT });
        const told = done.catch((error) => Promise.reject(fileFailure(error, path)));
        told.catch(() => {});
        return { done: told };
      }),
  };
}

async function* explained(bytes: AsyncGenerator<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw fileFailure(error, path);
  }
}

function outOfReach({ spec: { name } }: GuestRecord, runs: boolean): GuesthouseError {
  return new GuesthouseError({
    code: runs ? 'unsupported' : 'wrong-state',
    message: runs
      ? `${name} runs a system of its own on a disk of its own; its files cannot be reached while it runs.`
      : `The disks of ${name} are not open.`,
    subject: name,
    hint: runs
      ? 'Use its console, or a folder it shares with the host.'
      : `Open them first: \`guesthouse rescue open ${name}\`.`,
  });
}

/**
 * Files of a running machine. With an init of ours its busybox runs as a program in the guest's own root; with a system of
 * its own the guest's agent runs that system's tools, or at least reads and writes single files.
 */
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
import { singleFiles } from './guest-agent/files/single.ts';
import { agentTools, knowsTools } from './guest-agent/files/tools.ts';
import type { LiveMachine } from './live.ts';
import type { Programs } from './programs.ts';

/** Whose is a new file that brings no owner along. */
const ROOT = { uid: 0, gid: 0 };
/** Machines whose agent was seen to run tools that we know. */
const toolsKnown = new WeakSet<LiveMachine>();

/**
 * Each act throws `wrong-state` for a machine that does not run, or stands still where its agent is needed, and `unsupported`
 * for one with a system of its own and no agent.
 */
export function filesOfMachine(
  programs: Programs,
  live: ReadonlyMap<string, LiveMachine>,
  guest: GuestRecord,
): GuestFiles {
  const { name } = guest.spec;
  async function reaching<T>(path: string, act: (files: GuestFiles) => Promise<T>): Promise<T> {
    const machine = live.get(guest.id);
    if (!machine?.alive) throw closed(name);
    return filesNow(programs, machine, guest)
      .then(act)
      .catch((error) => Promise.reject(fileFailure(error, path)));
  }
  return {
    list: (path) => reaching(path, (files) => files.list(path)),
    makeFolder: (path) => reaching(path, (files) => files.makeFolder(path)),
    rename: (path, to) => reaching(path, (files) => files.rename(path, to)),
    remove: (path) => reaching(path, (files) => files.remove(path)),
    copyOut: (path, options) =>
      reaching(path, async (files) => {
        const out = await files.copyOut(path, options);
        return { ...out, bytes: explained(out.bytes, path) };
      }),
    copyIn: (path, options) =>
      reaching(path, async (files) => {
        const { done } = await files.copyIn(path, options);
        const told = done.catch((error) => Promise.reject(fileFailure(error, path)));
        told.catch(() => {});
        return { done: told };
      }),
  };
}

async function filesNow(programs: Programs, machine: LiveMachine, guest: GuestRecord): Promise<GuestFiles> {
  const { name } = guest.spec;
  if (machine.record.agent) {
    const root: GuestTools = {
      tool: (args, options) => programs.tool(guest, [OWN_BUSYBOX, ...args], options),
      text: (args, options) => textOf(root.tool(args, options)),
    };
    return filesBy(root);
  }
  const { guestAgent: agent } = machine;
  if (!(await agent.isThere())) throw noAgent(name);
  if (await machine.paused()) throw standsStill(name);
  const root = agentTools(agent);
  if (!toolsKnown.has(machine)) {
    if (!(await knowsTools(root))) return singleFiles(agent, (sentence) => machine.note(sentence));
    toolsKnown.add(machine);
  }
  return filesBy(root);
}

function filesBy(root: GuestTools): GuestFiles {
  return {
    list: async (path) => listFolder(root, await realPath(root, guestPath(path))),
    makeFolder: (path) => makeFolder(root, path),
    rename: (path, to) => renameFile(root, path, to),
    remove: (path) => removeFile(root, path),
    copyOut: (path, options) => copyOut(root, path, options),
    copyIn: (path, options) => copyIn(root, path, { ...options, owner: ROOT }),
  };
}

async function* explained(bytes: AsyncGenerator<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw fileFailure(error, path);
  }
}

function closed(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'wrong-state',
    message: `The disks of ${name} are not open.`,
    subject: name,
    hint: `Open them first: \`guesthouse rescue open ${name}\`.`,
  });
}

function noAgent(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `${name} runs a system of its own on a disk of its own, and no guest agent: its files cannot be reached while it runs.`,
    subject: name,
    hint: 'Install qemu-guest-agent in it and start its service, or use its console, or a folder it shares with the host.',
  });
}

function standsStill(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'wrong-state',
    message: `${name} stands still, and so does its guest agent: its files cannot be reached.`,
    subject: name,
    hint: `Let it go on: \`guesthouse resume ${name}\`.`,
  });
}

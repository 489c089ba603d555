/** Machines of libvirt, asked through virsh; where that is missing, from the files it keeps. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toErrorShape } from '../../contract/errors.ts';
import { exists } from '../../host/files.ts';
import { run } from '../../host/process.ts';
import { findProgram } from '../../host/tools.ts';
import { parseLibvirt } from '../foreign/libvirt-xml.ts';
import { ofLibvirt } from '../foreign/recognise.ts';
import type { Candidate, Listing } from './found.ts';

type Scope = 'libvirt' | 'libvirt-session';

const URI: Readonly<Record<Scope, string>> = { libvirt: 'qemu:///system', 'libvirt-session': 'qemu:///session' };
const ASK_TIMEOUT_MS = 15_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_XML_BYTES = 4 * 1024 * 1024;
const MAX_MACHINES = 1000;
const STOPPED: ReadonlySet<string> = new Set(['shut off', 'crashed']);

export async function listLibvirt(scope: Scope): Promise<Listing> {
  const isRoot = process.getuid?.() === 0;
  // root has no session of its own, and asking for one would start it.
  if (scope === 'libvirt-session' && isRoot) return { candidates: [], notes: [] };
  const { definitions, sockets } = placesOf(scope);
  const isThere = (await Promise.all(sockets.map(exists))).includes(true);
  if (findProgram('virsh') !== null && isThere) return asked(scope);
  return { candidates: await fromFiles(scope, definitions), notes: [] };
}

function placesOf(scope: Scope) {
  const { HOME = '/', XDG_RUNTIME_DIR = `/run/user/${process.getuid?.() ?? 0}` } = process.env;
  const [definitions, runtime] =
    scope === 'libvirt'
      ? ['/etc/libvirt/qemu', '/run/libvirt']
      : [join(HOME, '.config/libvirt/qemu'), join(XDG_RUNTIME_DIR, 'libvirt')];
  const sockets = ['libvirt-sock', 'virtqemud-sock'].map((name) => join(runtime, name));
  return { definitions, runs: join(runtime, scope === 'libvirt' ? 'qemu' : 'qemu/run'), sockets };
}

async function asked(scope: Scope): Promise<Listing> {
  try {
    const uuids = (await virsh(scope, 'list', '--all', '--uuid')).split('\n').filter((one) => UUID.test(one.trim()));
    const candidates = uuids.slice(0, MAX_MACHINES).map(async (line): Promise<Candidate> => {
      const id = line.trim();
      const xml = async () => Buffer.from(await virsh(scope, 'dumpxml', '--inactive', id));
      return {
        program: scope,
        id,
        name: (await virsh(scope, 'domname', id)).trim(),
        isRunning: async () => !STOPPED.has((await virsh(scope, 'domstate', id)).trim()),
        describe: async () => ofLibvirt(await xml()),
      };
    });
    return { candidates: await Promise.all(candidates), notes: [] };
  } catch (error) {
    const { message, cause } = toErrorShape(error);
    const said = (cause ?? message).split('\n').at(-1) ?? '';
    return { candidates: [], notes: [`The machines of ${URI[scope]} cannot be listed: ${said}`] };
  }
}

/** Its own language, and nothing may be changed through it. */
async function virsh(scope: Scope, ...words: readonly string[]): Promise<string> {
  const argv = ['virsh', '--quiet', '--readonly', '--connect', URI[scope], ...words];
  return (await run(argv, { timeoutMs: ASK_TIMEOUT_MS, maxOutputBytes: MAX_XML_BYTES })).stdout;
}

/** `NAME.xml` for each, and `NAME.pid` where it runs while it does. */
async function fromFiles(scope: Scope, folder: string): Promise<Candidate[]> {
  const names = await readdir(folder).catch(() => []);
  const candidates = names
    .filter((name) => name.endsWith('.xml'))
    .slice(0, MAX_MACHINES)
    .map(async (file): Promise<Candidate | null> => {
      const path = join(folder, file);
      const found = await stat(path).catch(() => null);
      if (!found?.isFile() || found.size > MAX_XML_BYTES) return null;
      const text = await readFile(path).catch(() => null);
      if (text === null) return null;
      const name = file.slice(0, -'.xml'.length);
      return {
        program: scope,
        id: uuidOf(text) ?? name,
        name,
        isRunning: () => exists(join(placesOf(scope).runs, `${name}.pid`)),
        describe: async () => ofLibvirt(text),
      };
    });
  return (await Promise.all(candidates)).filter((one) => one !== null);
}

function uuidOf(text: Uint8Array): string | null {
  try {
    return parseLibvirt(text).uuid;
  } catch {
    return null;
  }
}

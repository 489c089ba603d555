/** A guest's disks as a running rescue machine has them: looked at, mounted, and reached by tools of ours. */
import { GuesthouseError, toErrorShape } from '../../../contract/errors.ts';
import type { Rescue, RescueFileSystem } from '../../../contract/rescue.ts';
import { realPath } from '../../../guest-files/paths.ts';
import { type GuestTools, textOf } from '../../../guest-files/tools.ts';
import type { GuestRecord, OperationContext } from '../../driver.ts';
import { serialOf } from './argv.ts';
import { type Device, parseDevices } from './devices.ts';
import { unlock, unopenable, whyNoPassphrase } from './encrypted.ts';
import { heldBy, OPENABLE, whyClosed, whyUnknown } from './file-systems.ts';
import { means, parseFstab, systemName } from './fstab.ts';
import type { RescueMachine } from './machine.ts';
import { openVolumeGroups } from './volume-groups.ts';
import { type ActOptions, createWorker, type Worker } from './worker.ts';

/** Kernel and init under emulation on a busy host (ms). */
const BOOT_TIMEOUT_MS = 90_000;
/** Replaying a large journal takes as long as the system itself would (ms). */
const MOUNT_TIMEOUT_MS = 5 * 60_000;
const QUIT_TIMEOUT_MS = 30_000;
/** Of a file of the system that is read whole, to be understood (bytes). */
const MAX_FILE_BYTES = 1024 * 1024;

const CLOSED = { system: null, opened: false } as const;

export interface OpenedRescue {
  readonly guestId: string;
  readonly shown: Rescue;
  /** Opens an encrypted device. Throws `not-found`, and as `unlock` (encrypted.ts) does. */
  unlock(device: string, passphrase: string, operation: OperationContext): Promise<Rescue>;
  /** Tools with the chosen root. Throws `unsupported` when nothing could be opened. */
  tools(): GuestTools;
  /** Acts of the rescue itself. */
  act(words: readonly string[], options?: ActOptions): Promise<Buffer>;
  /** A program of the opened system itself, run in the rescue machine. For what is to be read of it, not believed. */
  own(words: readonly string[], options?: ActOptions): Promise<Buffer>;
  /** The port that is the shell's. */
  readonly shellWorker: Worker;
  readonly machine: RescueMachine;
  /** Fires when it ends, in whatever way. */
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

interface Wish {
  readonly write: boolean;
  /** Device to begin paths at; null: where a system is. */
  readonly root: string | null;
}

export async function openRescue(
  guest: GuestRecord,
  machine: RescueMachine,
  { write, root }: Wish,
  operation: OperationContext,
): Promise<OpenedRescue> {
  // An act is ended through another port than its own.
  const endWork = (number: number) => {
    const words = ['end_work', String(number)];
    return number === 0 ? textOf(pool.act(words)) : controlled(words);
  };
  const workers = machine.workers.map((socket, number) => createWorker(socket, () => endWork(number)));
  const [control, shellWorker] = [workers[0] as Worker, workers.at(-1) as Worker];
  const pool = createPool(workers.slice(1, -1));
  const ending = new AbortController();
  let asked: Promise<unknown> = Promise.resolve();
  /** Acts on the machine itself, one after the other. */
  const controlled = (words: readonly string[], options: ActOptions = {}): Promise<Buffer> => {
    const mine = asked.then(() => textOf(control.act(words, options)));
    asked = mine.catch(() => {});
    return mine;
  };
  const toolsAt = (device: string): GuestTools => {
    const tools: GuestTools = {
      tool: (args, options) => pool.act(['tool', `/fs/${device}`, ...args], options),
      text: (args, options) => textOf(tools.tool(args, options)),
    };
    return tools;
  };

  /** Of what is going on: there is one such at a time. */
  let { signal } = operation;
  const heads = new Map<string, Buffer>();
  const volumes = new Set<string>();
  /** Device by the name that what is in it has for the device mapper. */
  const unlocked = new Map<string, string>();
  operation.progress({ step: 'Looking at its disks', fraction: null });
  let found: RescueFileSystem[] = [];
  try {
    found = await look();
  } catch (error) {
    if (toErrorShape(error).code !== 'timeout' && toErrorShape(error).code !== 'disconnected') throw error;
    const words = (await machine.kernelLog().catch(() => '')).trim();
    throw new GuesthouseError({
      code: 'guest-failed',
      message: 'The rescue machine did not come up.',
      subject: guest.spec.name,
      cause: words === '' ? 'It said nothing.' : words.split('\n').slice(-5).join('\n').slice(-600),
    });
  }
  let chosen: string | null = null;
  const opened = { write, openedAt: Date.now() };
  let shown = await putTogether(operation, chooseRoot(found, root));

  async function putTogether({ progress }: OperationContext, wanted: string | null): Promise<Rescue> {
    if (wanted !== null && wanted !== chosen) {
      progress({ step: 'Putting its file systems together', fraction: null });
      await together(wanted, found);
    }
    chosen = wanted;
    return { ...opened, root: chosen, fileSystems: found };
  }

  async function devicesNow(): Promise<Device[]> {
    const listed = await controlled(['devices', String(machine.disks.length)], { signal, timeoutMs: BOOT_TIMEOUT_MS });
    const all = parseDevices(listed.toString('latin1'));
    // What lies on disks comes after them.
    const devices = [false, true].flatMap((mapped) => all.filter(({ device }) => device.startsWith('dm-') === mapped));
    const fresh = devices.filter(({ device }) => !heads.has(device)).map(({ device }) => device);
    if (fresh.length > 0) for (const [device, head] of await peek(fresh)) heads.set(device, head);
    return devices;
  }

  async function look(): Promise<RescueFileSystem[]> {
    let devices = await devicesNow();
    const before = volumes.size;
    const groups = await openVolumeGroups(controlled, heads, signal, volumes);
    if (volumes.size > before) devices = await devicesNow();
    const all: RescueFileSystem[] = [];
    for (const { device, sizeBytes, serial } of devices) {
      const head = heads.get(device) ?? Buffer.alloc(0);
      const held = heldBy(head);
      const known = found.find((one) => one.device === device && one.opened);
      if (known) {
        all.push(known);
        continue;
      }
      const isWhole = devices.some((other) => other.parent === device);
      if (isWhole && held === null) continue;
      const base = {
        device,
        disk: machine.disks.find((name) => serialOf(name) === serial) ?? serial,
        sizeBytes,
        type: held?.type ?? null,
        label: held?.label ?? null,
        uuid: held?.uuid ?? null,
      };
      const inside = devices.find((one) => unlocked.get(one.serial) === device);
      if (inside) {
        all.push({ ...base, ...CLOSED, note: `It is encrypted (LUKS), and open as ${inside.device}.` });
        continue;
      }
      const now = await open(device, base.type);
      const detached = base.type === 'luks' ? whyNoPassphrase(head) : null;
      const locked = base.type === 'luks' && detached === null ? { locked: true } : {};
      all.push({ ...base, ...now, note: groups.get(device) ?? detached ?? now.note, ...locked });
    }
    return all;
  }

  async function unlockOne(device: string, passphrase: string, during: OperationContext): Promise<Rescue> {
    signal = during.signal;
    const one = found.find((other) => other.device === device);
    const head = heads.get(device);
    const detached = one?.type === 'luks' && head ? whyNoPassphrase(head) : null;
    if (detached !== null) throw unopenable(device, detached);
    if (!one?.locked || !head) {
      throw new GuesthouseError({
        code: 'not-found',
        message: `${device.slice(0, 40)} is no encrypted volume that is closed.`,
        subject: device.slice(0, 40),
        hint: `There are: ${found.flatMap((other) => (other.locked ? [other.device] : [])).join(', ') || 'none'}.`,
      });
    }
    during.progress({ step: 'Trying the passphrase', fraction: null });
    const mapped = await unlock(controlled, { device, sizeBytes: one.sizeBytes, head }, passphrase, signal);
    unlocked.set(mapped, device);
    during.progress({ step: 'Looking at its disks', fraction: null });
    found = await look();
    const hasSystem = found.some((other) => other.device === chosen && other.system !== null);
    shown = await putTogether(during, root !== null || hasSystem ? chosen : chooseRoot(found, null));
    return shown;
  }

  async function peek(devices: readonly string[]): Promise<Map<string, Buffer>> {
    const heads = new Map<string, Buffer>();
    let answer = await controlled(['peek', ...devices], { signal });
    while (answer.length > 0) {
      const end = answer.indexOf(10);
      const [device = '', count = '0'] = answer.toString('latin1', 0, end).split(' ');
      const from = end + 1;
      heads.set(device, answer.subarray(from, from + Number(count)));
      answer = answer.subarray(from + Number(count));
    }
    return heads;
  }

  async function open(
    device: string,
    type: string | null,
  ): Promise<Pick<RescueFileSystem, 'system' | 'opened' | 'note'>> {
    const note = type === null ? whyUnknown(heads.get(device) ?? Buffer.alloc(0)) : whyClosed(type);
    const closed = { ...CLOSED, note };
    if (type === null || !OPENABLE.has(type)) return closed;
    const mount = (options: string) =>
      controlled(['mount_one', type, device, options], { signal, timeoutMs: MOUNT_TIMEOUT_MS });
    // A clone's file system has the same number as the one it is of.
    const more = type === 'xfs' ? ',nouuid' : '';
    try {
      await mount((write ? 'rw' : 'ro') + more);
    } catch (error) {
      if (signal.aborted) throw error;
      return { ...closed, note: `It cannot be opened: ${shortCause(error)}` };
    }
    const text = await readSmall(toolsAt(device), ['/etc/os-release', '/usr/lib/os-release']);
    return { system: text === null ? null : systemName(text), opened: true, note: null };
  }

  /** What the system expects below its root is put there. */
  async function together(device: string, all: readonly RescueFileSystem[]): Promise<void> {
    const tools = toolsAt(device);
    const wanted = parseFstab((await readSmall(tools, ['/etc/fstab'])) ?? '');
    for (const one of wanted) {
      const source = all.find((other) => other.opened && other.device !== device && means(one, other));
      if (!source || one.path === '/') continue;
      try {
        const real = await realPath(tools, one.path);
        await controlled(['place', source.device, `/fs/${device}`, real], { signal });
      } catch {
        // It is there as a file system of its own all the same.
      }
    }
  }

  function requireRoot(): string {
    if (chosen !== null) return chosen;
    const reasons = found.map(({ device, type, note }) => `${device}: ${note ?? type ?? 'nothing that is known'}`);
    throw new GuesthouseError({
      code: 'unsupported',
      message: `Nothing on the disks of ${guest.spec.name} can be opened.`,
      subject: guest.spec.name,
      cause: reasons.join(' ') || 'They are empty.',
    });
  }

  return {
    guestId: guest.id,
    get shown() {
      return shown;
    },
    unlock: unlockOne,
    machine,
    shellWorker,
    signal: ending.signal,
    act: controlled,
    own: (words, options) => textOf(pool.act(['own', `/fs/${requireRoot()}`, ...words], options)),
    tools: () => toolsAt(requireRoot()),
    async close() {
      if (ending.signal.aborted) return;
      ending.abort();
      // What was written goes to the disk first; one that hangs is ended all the same.
      await controlled(['quit'], { timeoutMs: QUIT_TIMEOUT_MS }).catch(() => {});
      for (const worker of workers) worker.close();
      await machine.end(true);
    },
  };
}

/** The wished one, else that of a system, else the largest. Throws `not-found`, or `unsupported` for one that is closed. */
export function chooseRoot(all: readonly RescueFileSystem[], wished: string | null): string | null {
  const opened = all.filter((one) => one.opened);
  if (wished !== null) {
    const one = all.find(({ device }) => device === wished);
    if (one?.opened) return one.device;
    throw new GuesthouseError({
      code: one ? 'unsupported' : 'not-found',
      message: one ? `${wished} cannot be opened.` : `There is no file system ${wished.slice(0, 40)}.`,
      subject: wished.slice(0, 40),
      ...(one?.note ? { cause: one.note } : {}),
      hint: `There are: ${opened.map(({ device }) => device).join(', ') || 'none'}.`,
    });
  }
  const system = opened.find((one) => one.system !== null);
  const largest = [...opened].sort((a, b) => b.sizeBytes - a.sizeBytes)[0];
  return (system ?? largest)?.device ?? null;
}

/** The first of these files there is; null: none. */
export async function readSmall(tools: GuestTools, paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const text = await tools
      .text(['dd', `if=${path}`, `bs=${MAX_FILE_BYTES}`, 'count=1', 'iflag=fullblock', 'status=none'])
      .catch(() => null);
    if (text !== null) return text.toString('utf8');
  }
  return null;
}

function shortCause(error: unknown): string {
  const { cause, message } = toErrorShape(error);
  return (cause ?? message).replace(/^mount: /, '').slice(0, 300);
}

/** Whoever comes first gets a worker; the others wait. */
function createPool(workers: readonly Worker[]) {
  const free = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];
  const take = (): Promise<Worker> => {
    const worker = free.pop();
    return worker ? Promise.resolve(worker) : new Promise((resolve) => waiting.push(resolve));
  };
  const give = (worker: Worker) => {
    const next = waiting.shift();
    if (next) next(worker);
    else free.push(worker);
  };
  return {
    async *act(words: readonly string[], options?: ActOptions): AsyncGenerator<Buffer> {
      const worker = await take();
      try {
        yield* worker.act(words, options);
      } finally {
        give(worker);
      }
    },
  };
}

/**
 * Whether the host's processor really executes guests here. /dev/kvm may exist and even create machines, and still every
 * guest hangs (nested, or emulated badly): so a boot sector of ours must run to its end within a deadline. The same proof
 * is asked of what other systems have (decisions/0047).
 */
import { randomBytes } from 'node:crypto';
import { access, constants, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Accelerator } from '../../contract/machine.ts';
import { privateFolder, readJson, writeAtomic } from '../../host/files.ts';
import type { Paths } from '../../host/paths.ts';
import { run } from '../../host/process.ts';
import { bootId } from '../../host/process-ref.ts';
import { ACCELERATORS } from './argv/accelerators.ts';
import type { QemuTool } from './tools.ts';

export interface Acceleration {
  readonly accelerator: Accelerator;
  /** Why in software, as a sentence; null otherwise. */
  readonly reason: string | null;
  readonly fix: string | null;
}

export interface Candidate {
  readonly accelerator: Exclude<Accelerator, 'tcg'>;
  /** Why it cannot be tried, which costs nothing to ask and changes without a reboot; null: it can. Left out: nobody knows. */
  readonly access?: () => Promise<Acceleration | null>;
  /** What to do when the proof fails. */
  readonly fix: string;
}

/** What a system has, by Node's name of it. */
export const CANDIDATES = {
  linux: {
    accelerator: 'kvm',
    access: kvmAccess,
    fix: 'Machines run, but slowly. On a virtual host, nested virtualisation has to be enabled outside it.',
  },
  darwin: {
    accelerator: 'hvf',
    fix: 'Machines run, but slowly. QEMU has to be signed with the entitlement com.apple.security.hypervisor.',
  },
  win32: {
    accelerator: 'whpx',
    fix: 'Machines run, but slowly. Turn on the Windows feature “Windows Hypervisor Platform”, then restart.',
  },
} as const satisfies Partial<Record<NodeJS.Platform, Candidate>>;

export function candidate(platform: NodeJS.Platform = process.platform): Candidate | null {
  return platform in CANDIDATES ? CANDIDATES[platform as keyof typeof CANDIDATES] : null;
}

/** BIOS and boot sector take 0.1 s even when emulated (ms). */
const PROBE_TIMEOUT_MS = 3_000;
/** isa-debug-exit ends QEMU with (value * 2 + 1). */
const PROBE_VALUE = 0x15;
const PROBE_EXIT = PROBE_VALUE * 2 + 1;
const EXIT_PORT = 0x501;
/** SeaBIOS boots from no disk that is smaller than this (bytes). */
const PROBE_DISK_BYTES = 1024 * 1024;

/** Writes PROBE_VALUE to EXIT_PORT and halts; padded to 512 bytes with the boot signature. */
export function bootSector(): Buffer {
  const sector = Buffer.alloc(512);
  // mov al, value; mov dx, port; out dx, al; hlt; jmp to the hlt
  Buffer.from([0xb0, PROBE_VALUE, 0xba, EXIT_PORT & 0xff, EXIT_PORT >> 8, 0xee, 0xf4, 0xeb, 0xfd]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

export function probeArgv(binary: string, accelerator: Candidate['accelerator'], disk: string): string[] {
  const { accel, cpu } = ACCELERATORS[accelerator];
  return [
    ...[binary, '-accel', accel, '-cpu', cpu ?? 'max', '-machine', 'q35', '-m', '64', '-nodefaults', '-no-user-config'],
    ...['-display', 'none', '-no-reboot'],
    '-blockdev',
    JSON.stringify({
      driver: 'raw',
      'node-name': 'probe',
      'read-only': true,
      file: { driver: 'file', filename: disk },
    }),
    ...['-device', 'virtio-blk-pci,drive=probe,bootindex=0'],
    ...['-device', `isa-debug-exit,iobase=${EXIT_PORT},iosize=2`],
  ];
}

interface Kept extends Acceleration {
  readonly key: string;
}

/** Tried once per boot and QEMU version, then kept in the cache. */
export async function findAcceleration(
  qemu: QemuTool,
  { cache, run: runFolder }: Pick<Paths, 'cache' | 'run'>,
  fresh: boolean,
  tried = candidate(),
): Promise<Acceleration> {
  if (!tried) return software(`QEMU has nothing for ${process.platform} but emulation.`, null);
  const barred = await tried.access?.();
  if (barred) return barred;
  const file = join(await privateFolder(cache), `${tried.accelerator}.json`);
  const key = `${bootId()} ${qemu.path} ${qemu.version}`;
  const kept = fresh ? null : await readJson<Kept>(file).catch(() => null);
  if (kept?.key === key) return kept;
  const found = await probe(tried, qemu, runFolder);
  // On a full disk it is tried again next time.
  await writeAtomic(file, JSON.stringify({ ...found, key })).catch(() => {});
  return found;
}

/** null: /dev/kvm can be opened. */
async function kvmAccess(): Promise<Acceleration | null> {
  const error: NodeJS.ErrnoException | null = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => null,
    (thrown) => thrown,
  );
  if (!error) return null;
  if (error.code === 'ENOENT')
    return software('This host has no KVM.', 'Enable virtualisation in the firmware, and load the module kvm.');
  return software('You may not use /dev/kvm.', 'Run `sudo usermod -aG kvm $USER`, then log in again.');
}

/** `folder`: the probe's disk is in it for as long as the probe takes. */
export async function probe(
  { accelerator, fix }: Candidate,
  qemu: QemuTool,
  folder: string,
  timeoutMs = PROBE_TIMEOUT_MS,
): Promise<Acceleration> {
  const disk = join(await privateFolder(folder), `${accelerator}-probe-${randomBytes(4).toString('hex')}.img`);
  await writeFile(disk, bootSector(), { mode: 0o600 });
  await truncate(disk, PROBE_DISK_BYTES);
  const failed = `${ACCELERATORS[accelerator].name} did not run a test program`;
  try {
    const { code, stderr } = await run(probeArgv(qemu.path, accelerator, disk), {
      timeoutMs,
      okCodes: Array.from({ length: 256 }, (_, code) => code),
    });
    if (code === PROBE_EXIT) return { accelerator, reason: null, fix: null };
    return software(`${failed}: ${firstLine(stderr) || `exit code ${code}`}.`, fix);
  } catch (error) {
    if (!(error instanceof GuesthouseError)) throw error;
    if (error.code === 'timeout') return software(`${failed} within ${timeoutMs / 1000} s: guests hang.`, fix);
    return software(`${failed}: ${firstLine(error.cause ?? error.message)}.`, fix);
  } finally {
    await rm(disk, { force: true });
  }
}

/** QEMU names the cause first; an assertion that follows from it comes later. */
function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return line.replace(/^qemu-system-\S+: /, '').slice(0, 200);
}

function software(reason: string, fix: string | null): Acceleration {
  return { accelerator: 'tcg', reason, fix };
}

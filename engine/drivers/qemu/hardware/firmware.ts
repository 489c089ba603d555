/**
 * UEFI firmware on this host. Distributions describe theirs in JSON files (QEMU's docs/interop/firmware.json), in
 * folders of which a later one overrides files of the same name; where there are none, usual paths are tried.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { Architecture } from '../../../contract/machine.ts';
import { exists } from '../../../host/files.ts';
import { installHint } from '../../../host/tools.ts';

export interface FirmwareFile {
  readonly path: string;
  readonly format: 'raw' | 'qcow2';
}

export interface UefiFirmware {
  readonly code: FirmwareFile;
  /** What a machine's variables start as. */
  readonly template: FirmwareFile;
  /** It protects its variables by system management mode. */
  readonly smm: boolean;
}

/** Later ones override earlier ones; the last is the user's own. */
const FOLDERS = ['/usr/share/qemu/firmware', '/etc/qemu/firmware'];

/** Without descriptions: code, variables. */
const USUAL: Readonly<Record<Architecture, Readonly<Record<'uefi' | 'uefi-secure', readonly [string, string][]>>>> = {
  x86_64: {
    uefi: [
      ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'],
      ['/usr/share/edk2/ovmf/OVMF_CODE.fd', '/usr/share/edk2/ovmf/OVMF_VARS.fd'],
      ['/usr/share/edk2/x64/OVMF_CODE.4m.fd', '/usr/share/edk2/x64/OVMF_VARS.4m.fd'],
      ['/usr/share/qemu/edk2-x86_64-code.fd', '/usr/share/qemu/edk2-i386-vars.fd'],
    ],
    'uefi-secure': [
      ['/usr/share/OVMF/OVMF_CODE_4M.ms.fd', '/usr/share/OVMF/OVMF_VARS_4M.ms.fd'],
      ['/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd', '/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd'],
    ],
  },
  aarch64: {
    uefi: [
      ['/usr/share/AAVMF/AAVMF_CODE.fd', '/usr/share/AAVMF/AAVMF_VARS.fd'],
      ['/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw', '/usr/share/edk2/aarch64/vars-template-pflash.raw'],
      ['/usr/share/qemu/edk2-aarch64-code.fd', '/usr/share/qemu/edk2-arm-vars.fd'],
    ],
    'uefi-secure': [['/usr/share/AAVMF/AAVMF_CODE.ms.fd', '/usr/share/AAVMF/AAVMF_VARS.ms.fd']],
  },
  riscv64: { uefi: [], 'uefi-secure': [] },
};

/** null: not installed. */
export async function findFirmware(
  architecture: Architecture,
  wanted: 'uefi' | 'uefi-secure',
  folders: readonly string[] = firmwareFolders(),
): Promise<UefiFirmware | null> {
  for (const text of await readDescriptions(folders)) {
    const found = describedFirmware(text, architecture, wanted);
    if (found && (await exists(found.code.path)) && (await exists(found.template.path))) return found;
  }
  for (const [code, template] of USUAL[architecture][wanted]) {
    if (!(await exists(code)) || !(await exists(template))) continue;
    const smm = wanted === 'uefi-secure' && architecture === 'x86_64';
    return { code: { path: code, format: 'raw' }, template: { path: template, format: 'raw' }, smm };
  }
  return null;
}

export async function requireFirmware(
  architecture: Architecture,
  wanted: 'uefi' | 'uefi-secure',
): Promise<UefiFirmware> {
  const found = await findFirmware(architecture, wanted);
  if (found) return found;
  const plain = wanted === 'uefi-secure' && (await findFirmware(architecture, 'uefi')) !== null;
  throw new GuesthouseError({
    code: 'missing-tool',
    message: plain
      ? `The UEFI firmware for ${architecture} here has no keys for Secure Boot.`
      : `There is no UEFI firmware for ${architecture} on this host.`,
    subject: 'machine.firmware',
    hint: plain ? 'Choose UEFI without Secure Boot.' : installHint(firmwareTool(architecture)),
  });
}

/** The name under which host/tools.ts knows the package. */
export function firmwareTool(architecture: Architecture): string {
  return `uefi-${architecture}`;
}

function firmwareFolders(): string[] {
  const own = process.env.XDG_CONFIG_HOME ?? (process.env.HOME ? join(process.env.HOME, '.config') : null);
  return own === null ? FOLDERS : [...FOLDERS, join(own, 'qemu/firmware')];
}

/** In their order: by file name. An empty file takes away what an earlier folder says. */
async function readDescriptions(folders: readonly string[]): Promise<string[]> {
  const byName = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => []))
      if (name.endsWith('.json')) byName.set(name, join(folder, name));
  }
  const paths = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')));
  return texts.filter((text) => text.trim() !== '');
}

/** A description that fits, else null. Pure. */
export function describedFirmware(
  text: string,
  architecture: Architecture,
  wanted: 'uefi' | 'uefi-secure',
): UefiFirmware | null {
  const json = parsed(text);
  const features = new Set(json?.features ?? []);
  const { mapping } = json ?? {};
  const board = architecture === 'x86_64' ? /^pc-q35-/ : /^virt-/;
  const isFor = json?.targets?.some(
    (target) => target.architecture === architecture && target.machines?.some((name) => board.test(name)),
  );
  if (!isFor || !json?.['interface-types']?.includes('uefi') || mapping?.device !== 'flash') return null;
  if ((mapping.mode ?? 'split') !== 'split') return null;
  // Enrolled keys are what makes it refuse unsigned programs; without them Secure Boot is off.
  if (features.has('enrolled-keys') !== (wanted === 'uefi-secure')) return null;
  if (wanted === 'uefi' && features.has('requires-smm')) return null;
  if (wanted === 'uefi-secure' && !features.has('secure-boot')) return null;
  const code = fileOf(mapping.executable);
  const template = fileOf(mapping['nvram-template']);
  return code && template && { code, template, smm: features.has('requires-smm') };
}

interface Description {
  readonly 'interface-types'?: readonly string[];
  readonly mapping?: {
    readonly device?: string;
    readonly mode?: string;
    readonly executable?: unknown;
    readonly 'nvram-template'?: unknown;
  };
  readonly targets?: readonly { readonly architecture?: string; readonly machines?: readonly string[] }[];
  readonly features?: readonly string[];
}

function parsed(text: string): Description | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' ? (json as Description) : null;
  } catch {
    return null;
  }
}

function fileOf(value: unknown): FirmwareFile | null {
  const { filename, format } = (value ?? {}) as Record<string, unknown>;
  if (typeof filename !== 'string' || !filename.startsWith('/')) return null;
  return format === 'raw' || format === 'qcow2' ? { path: filename, format } : null;
}

/** What can be mended of what the doctor finds, with the exact commands: packages that are missing. */
import { readdirSync } from 'node:fs';
import { GuesthouseError } from '../contract/errors.ts';
import type { Finding } from '../contract/host.ts';
import type { OperationContext } from '../drivers/driver.ts';
import { cleanEnv, run } from '../host/process.ts';
import { findProgram, type PackageSystem, packageSystem, packagesFor } from '../host/tools.ts';

/** A package system that waits for another one, or for a slow mirror, may take its time (ms). */
const DEADLINE_MS = 30 * 60_000;
const APT_LISTS = '/var/lib/apt/lists';

const emulator = process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64';
const firmware = process.arch === 'arm64' ? 'uefi-aarch64' : 'uefi-x86_64';

/** Programs whose absence a finding tells of, by the finding's id. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  qemu: [emulator, 'qemu-img'],
  'qemu-img': ['qemu-img'],
  uefi: [firmware],
  tpm: ['swtpm'],
  runtime: ['runc'],
  conmon: ['conmon'],
  subids: ['newuidmap'],
  uplink: ['slirp4netns'],
  names: ['dnsmasq'],
  firewall: ['nft'],
};

/** As main/setup/system.js has them. */
const INSTALL: Readonly<Record<PackageSystem, readonly string[]>> = {
  apt: ['apt-get', 'install', '-y', '-q', '--no-install-recommends'],
  dnf: ['dnf', 'install', '-y', '--setopt=install_weak_deps=False'],
  pacman: ['pacman', '-S', '--needed', '--noconfirm'],
  zypper: ['zypper', '--non-interactive', 'install', '--no-recommends'],
};

export interface MendHost {
  readonly system: PackageSystem | null;
  /** Whether a program is there. */
  has(program: string): boolean;
  /** Whether the package system knows of packages already. */
  readonly lists: boolean;
}

/** Commands one after the other; none: nothing that could be mended by them. Pure. */
export function mendArgv({ id, fix }: Finding, host: MendHost): readonly (readonly string[])[] {
  const { system } = host;
  // A finding that says nothing to do is fine as it is, whatever is missing.
  if (fix === null || system === null) return [];
  const missing = (PROGRAMS[id] ?? []).filter((program) => program === firmware || !host.has(program));
  const packages = packagesFor(missing, system);
  if (packages.length === 0) return [];
  return [...(system === 'apt' && !host.lists ? [['apt-get', 'update', '-q']] : []), [...INSTALL[system], ...packages]];
}

const here = (): MendHost => ({
  system: packageSystem(),
  has: (program) => findProgram(program) !== null,
  lists: hasLists(),
});

/** The finding with the command that would mend it, where there is one. */
export function withMend(finding: Finding): Finding {
  const argv = mendArgv(finding, here());
  if (argv.length === 0) return finding;
  return { ...finding, mend: { command: textOf(argv), possible: process.getuid?.() === 0 } };
}

/** Runs what would mend a finding. Throws `denied` without the rights, and what a command that failed said. */
export async function mend(finding: Finding, operation: OperationContext): Promise<void> {
  const all = mendArgv(finding, here());
  if (process.getuid?.() !== 0)
    throw new GuesthouseError({
      code: 'denied',
      message: 'Only root may install packages.',
      subject: finding.title,
      hint: `As root: ${textOf(all)}`,
    });
  for (const argv of all) {
    operation.log?.(`# ${argv.join(' ')}`);
    operation.progress({ step: argv.join(' '), fraction: null });
    const onLine = (line: string) => operation.log?.(line);
    const env = cleanEnv({ DEBIAN_FRONTEND: 'noninteractive' });
    await run(argv, { env, timeoutMs: DEADLINE_MS, onStdoutLine: onLine, onStderrLine: onLine });
  }
}

const textOf = (all: readonly (readonly string[])[]): string => all.map((argv) => argv.join(' ')).join(' && ');

function hasLists(): boolean {
  try {
    return readdirSync(APT_LISTS).some((name) => /_Packages(\.\w+)?$/.test(name));
  } catch {
    return false;
  }
}

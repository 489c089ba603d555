/** What the doctor says of firmware, TPM and other architectures. */
import { arch } from 'node:os';
import type { Finding } from '../../../contract/host.ts';
import { ARCHITECTURES, type Architecture } from '../../../contract/machine.ts';
import { findProgram, installHint } from '../../../host/tools.ts';
import { architectureOf, BOARDS } from './boards.ts';
import { findFirmware, firmwareTool } from './firmware.ts';

export interface HardwareTools {
  readonly own: Architecture;
  /** Path of the firmware's program; null: not installed. */
  readonly uefi: string | null;
  readonly secureBoot: boolean;
  readonly swtpm: string | null;
  /** Architectures that are emulated here beside the host's own, and those that could be. */
  readonly emulated: readonly Architecture[];
  readonly missing: readonly Architecture[];
}

export async function findHardwareTools(): Promise<HardwareTools> {
  const own = architectureOf(arch()) ?? 'x86_64';
  const [uefi, secure] = await Promise.all([findFirmware(own, 'uefi'), findFirmware(own, 'uefi-secure')]);
  const others = ARCHITECTURES.filter((one) => one !== own);
  const isThere = (one: Architecture) => findProgram(BOARDS[one].program) !== null;
  return {
    own,
    uefi: uefi?.code.path ?? null,
    secureBoot: secure !== null,
    swtpm: findProgram('swtpm'),
    emulated: others.filter(isThere),
    missing: others.filter((one) => !isThere(one)),
  };
}

/** Pure but for how this host installs what is missing. */
export function hardwareFindings({
  own,
  uefi,
  secureBoot,
  swtpm,
  emulated,
  missing,
}: HardwareTools): readonly Finding[] {
  const programs = missing.map((one) => BOARDS[one].program);
  return [
    {
      id: 'uefi',
      level: uefi && secureBoot ? 'ok' : 'warning',
      title: 'UEFI',
      found: uefi
        ? `It is at ${uefi}${secureBoot ? ', with keys for Secure Boot' : ', without keys for Secure Boot'}.`
        : 'It is not installed: machines start from a BIOS only.',
      fix: uefi ? null : installHint(firmwareTool(own)),
    },
    {
      id: 'tpm',
      level: swtpm ? 'ok' : 'warning',
      title: 'TPM',
      found: swtpm ? `swtpm is at ${swtpm}.` : 'swtpm is not installed: machines have no TPM.',
      fix: swtpm ? null : installHint('swtpm'),
    },
    {
      id: 'architectures',
      // Who wants none of them misses nothing.
      level: 'ok',
      title: 'Other processors',
      found:
        emulated.length === 0
          ? `Machines of ${missing.join(' and ')} are not possible here.`
          : `Machines of ${emulated.join(' and ')} are emulated${missing.length > 0 ? `, of ${missing.join(' and ')} not` : ''}.`,
      fix: missing.length === 0 ? null : installHint(...programs),
    },
  ];
}

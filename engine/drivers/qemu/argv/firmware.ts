/** UEFI in its two flash chips: the program, and the variables as qcow2 so that snapshots hold them. */
import type { MachinePlan } from './plan.ts';

export function firmware({ uefi }: MachinePlan): string[] {
  if (uefi === null) return [];
  const { code, variables, smm } = uefi;
  const file = (filename: string) => ({ driver: 'file', filename });
  return [
    '-blockdev',
    JSON.stringify({
      'node-name': 'efi-code',
      driver: code.format,
      'read-only': true,
      file: file(code.path),
      ...(code.format === 'qcow2' ? { backing: null } : {}),
    }),
    '-blockdev',
    JSON.stringify({ 'node-name': 'efi-variables', driver: 'qcow2', file: file(variables), backing: null }),
    // Only the firmware itself, in system management mode, may write them: else Secure Boot would be no boundary.
    ...(smm ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
  ];
}

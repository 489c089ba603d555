/** The TPM, which swtpm plays. */
import { BOARDS } from '../hardware/boards.ts';
import type { MachinePlan } from './plan.ts';

export function tpm({ tpmSocket, hardware }: MachinePlan): string[] {
  const { tpmDevice } = BOARDS[hardware.architecture];
  if (tpmSocket === null || tpmDevice === null) return [];
  return [
    ...['-chardev', `socket,id=tpm,path=${tpmSocket}`],
    ...['-tpmdev', 'emulator,id=tpm0,chardev=tpm'],
    ...['-device', `${tpmDevice},tpmdev=tpm0`],
  ];
}

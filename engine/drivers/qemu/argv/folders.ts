/** Folders shared by virtiofsd. */
import { folderTag } from '../guest-config.ts';
import { optionValue } from './option-value.ts';
import type { MachinePlan } from './plan.ts';

export function folders({ folderSockets }: MachinePlan): string[] {
  return folderSockets.flatMap((socket, index) => [
    '-chardev',
    `socket,id=folder${index},path=${optionValue(socket)}`,
    '-device',
    `vhost-user-fs-pci,chardev=folder${index},tag=${folderTag(index)}`,
  ]);
}

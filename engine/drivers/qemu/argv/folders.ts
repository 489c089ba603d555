/** Folders shared by virtiofsd. */
import { folderTag } from '../guest-config.ts';
import { optionValue } from './option-value.ts';
import { type MachinePlan, virtio } from './plan.ts';

export function folders(plan: MachinePlan): string[] {
  return plan.folderSockets.flatMap((socket, index) => [
    '-chardev',
    `socket,id=folder${index},path=${optionValue(socket)}`,
    '-device',
    `${virtio('vhost-user-fs', plan)},chardev=folder${index},tag=${folderTag(index)}`,
  ]);
}

/** Folders shared by virtiofsd, each in a port of its own, so that it can be taken out while the machine runs. */
import { optionValue } from './option-value.ts';
import { type FolderDevice, type MachinePlan, virtio } from './plan.ts';
import { portName } from './ports.ts';

/** Its device; where it is is said beside it. Pure. */
export function folderDevice({ id, tag }: Omit<FolderDevice, 'socket'>, plan: Pick<MachinePlan, 'micro'>) {
  return { driver: virtio('vhost-user-fs', plan), id, chardev: id, tag };
}

export function folders(plan: MachinePlan): string[] {
  const firstPort = plan.furtherDisks.length + (plan.pciDevices?.length ?? 0);
  return plan.folders.flatMap((folder, index) => [
    '-chardev',
    `socket,id=${folder.id},path=${optionValue(folder.socket)}`,
    '-device',
    JSON.stringify({
      ...folderDevice(folder, plan),
      ...(plan.micro ? {} : { bus: portName(firstPort + index) }),
    }),
  ]);
}

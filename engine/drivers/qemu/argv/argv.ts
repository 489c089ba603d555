/** Guest -> QEMU's command line. Pure; tested against golden files. */
import { balloon } from './balloon.ts';
import { directBoot } from './boot.ts';
import { consoles, monitor } from './consoles.ts';
import { disks } from './disks.ts';
import { firmware } from './firmware.ts';
import { folders } from './folders.ts';
import { furtherDisks } from './further-disks.ts';
import { grownArgv } from './grown.ts';
import { hostDevices } from './host-devices.ts';
import { board, clock, identity, memory, processors } from './machine.ts';
import { network } from './network.ts';
import { optionValue } from './option-value.ts';
import type { MachinePlan } from './plan.ts';
import { portsArgv, SPARE_PORTS } from './ports.ts';
import { tpm } from './tpm.ts';

export function machineArgv(plan: MachinePlan): string[] {
  return [
    plan.binary,
    ...identity(plan),
    '-nodefaults',
    '-no-user-config',
    '-sandbox',
    'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
    ...board(plan),
    ...processors(plan),
    ...memory(plan),
    ...clock(plan),
    '-msg',
    'guest-name=off',
    '-display',
    'none',
    // The path is for whoever looks at the process.
    ...[...plan.sets].flatMap(([set, path]) => ['-add-fd', `fd=${set + 2},set=${set},opaque=${optionValue(path)}`]),
    ...firmware(plan),
    ...monitor(),
    ...consoles(plan),
    ...(plan.loader ? ['-kernel', plan.loader] : []),
    ...directBoot(plan),
    // Nothing comes to a microVM, or goes from it, while it runs.
    ...(plan.micro ? [] : portsArgv(plan.memory?.ports ?? takenPorts(plan) + SPARE_PORTS)),
    ...disks(plan),
    ...furtherDisks(plan),
    ...grownArgv(plan.memory?.grown, plan.sharedMemory),
    ...hostDevices(plan),
    ...network(plan),
    ...folders(plan),
    ...tpm(plan),
    ...balloon(plan),
    ...plan.extraArgs,
    ...(plan.memory ? ['-incoming', `fd:${plan.memory.fd}`] : []),
  ];
}

function takenPorts({ furtherDisks, pciDevices = [], folders: shared }: MachinePlan): number {
  return furtherDisks.length + pciDevices.length + shared.length;
}

/** What `import --dry-run` says of a file. */
import type { ImportedDisk, ImportPlan } from '../../engine/contract/import.ts';
import { bytes } from './print.ts';

const KINDS: Readonly<Record<ImportPlan['kind'], (from: string | null) => string>> = {
  guest: () => 'a guest that Guesthouse exported',
  machine: (from) => `a machine of ${from ?? 'another program'}`,
  disk: () => 'a disk without a description',
  packed: () => 'compressed; what is in it shows when it is imported',
};

/** A line a fact; notes are for the caller. Nothing in it is fit for a terminal yet. */
export function planLines(plan: ImportPlan): string[] {
  const { kind, isolation, name, cpus, memoryMib, system, firmware, architecture, networks, iso, disks } = plan;
  const line = (label: string, value: string | null) => (value === null ? [] : [`${label}: ${value}`]);
  return [
    ...line('file', KINDS[kind](plan.from)),
    ...line('name', name),
    ...(kind === 'packed' ? [] : line('isolation', isolation)),
    ...line('system', system),
    ...line('firmware', firmware),
    ...line('architecture', architecture),
    ...line('cpus', cpus === null ? null : String(cpus)),
    ...line('memory', memoryMib === null ? null : `${memoryMib} MiB`),
    ...disks.flatMap((disk) => line('disk', diskWords(disk))),
    ...line('medium', iso),
    ...(kind === 'packed' ? [] : line('networks', networks.join(', ') || 'none')),
  ];
}

function diskWords({ name, virtualBytes, fileBytes }: ImportedDisk): string {
  const size = virtualBytes === null ? [] : [bytes(virtualBytes)];
  return [name, ...size, fileBytes === null ? 'cannot be read' : `${bytes(fileBytes)} in the file`].join(', ');
}

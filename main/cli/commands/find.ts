/** `guesthouse find`: machines of other programs on this host, and how each is imported. */
import type { FoundMachine } from '../../../engine/contract/found.ts';
import { exactly, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { bytes, plain, printJson, printTable } from '../print.ts';

const OTHERS = /^(libvirt|libvirt-session|virtualbox):./;

/** Whether a word of `import` means a machine of another program, not a file. */
export function isOthers(word: string): boolean {
  return OTHERS.test(word);
}

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { json: { type: 'boolean' } });
  exactly(names, 0, 'find', 'no name');
  const found = await withEngine((client) => client.call('guests.find', {}));
  if (values.json) return printJson(found) as undefined;
  if (found.machines.length > 0)
    printTable(
      ['IMPORT AS', 'NAME', 'STATE', 'CPUS', 'MEMORY', 'DISKS', 'SIZE', ''],
      found.machines.map((machine) => [
        shortRef(machine, found.machines),
        machine.name,
        machine.running ? 'running' : 'stopped',
        String(machine.cpus ?? '-'),
        machine.memoryMib === null ? '-' : `${machine.memoryMib} MiB`,
        String(machine.disks),
        machine.sizeBytes === null ? '-' : bytes(machine.sizeBytes),
        machine.why ?? '',
      ]),
    );
  else process.stderr.write('No machines of libvirt or VirtualBox were found.\n');
  for (const note of found.notes) process.stderr.write(`note: ${plain(note)}\n`);
  return undefined;
}

/** By its name where that is one word and only one has it. */
function shortRef({ ref, program, name }: FoundMachine, all: readonly FoundMachine[]): string {
  const isOnly = all.filter((one) => one.program === program && one.name === name).length === 1;
  return isOnly && /^[\w.-]+$/.test(name) ? `${program}:${name}` : ref;
}

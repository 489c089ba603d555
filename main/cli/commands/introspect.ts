/** `guesthouse introspect [--json] [--registers] [--memory] NAME`: a running machine seen from outside. */
import type { MachineInside } from '../../../engine/contract/inside.ts';
import { oneName, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { bytes, plain, printJson, printTable } from '../print.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    json: { type: 'boolean' },
    registers: { type: 'boolean' },
    memory: { type: 'boolean' },
  });
  const guest = oneName(names, 'introspect');
  const inside = await withEngine((client) => client.call('guests.inside', { guest }));
  if (values.json) return printJson(inside) as undefined;
  if (values.registers) {
    for (const { index, text } of inside.processors) process.stdout.write(`CPU ${index}\n${text}\n\n`);
    return;
  }
  if (values.memory) {
    printTable(
      ['FROM', 'TO', 'KIND', 'NAME'],
      inside.memory.ranges.map(({ from, to, kind, name }) => [from, to, kind, plain(name)]),
    );
    return;
  }
  overview(inside);
}

function overview({ qemuVersion, status, processors, memory, devices, drives, lines, agent, agentWhy }: MachineInside) {
  const plugged = memory.pluggedBytes > 0 ? ` and ${bytes(memory.pluggedBytes)} plugged in` : '';
  process.stdout.write(`QEMU ${qemuVersion}, ${status}, ${bytes(memory.baseBytes)} of memory${plugged}\n`);
  process.stdout.write(`In the guest: ${inGuest(memory.guest)}\n\n`);
  const where = new Set(['RIP', 'PC', 'pc']);
  printTable(
    ['CPU', 'THREAD', 'TIME', 'STATE', 'AT'],
    processors.map(({ index, threadId, cpuSeconds, halted, registers }) => [
      String(index),
      String(threadId),
      cpuSeconds === null ? '-' : `${cpuSeconds.toFixed(1)} s`,
      halted ? 'idle' : 'running',
      registers.find(({ name }) => where.has(name))?.value ?? '-',
    ]),
  );
  section(
    ['DEVICE', 'IDS', 'NAME', 'KIND'],
    devices.map(({ slot, ids, name, description }) => [slot, ids, name || '-', description]),
  );
  section(
    ['DRIVE', 'SIZE', 'FORMAT', 'STATE'],
    drives.map(({ name, file, format, virtualBytes, readOnly }) => [
      plain(name),
      virtualBytes === null ? '-' : bytes(virtualBytes),
      format ?? '-',
      file === null ? 'empty' : readOnly ? 'read-only' : 'writable',
    ]),
  );
  section(
    ['LINE', 'IN THE GUEST'],
    lines.map(({ name, guestListens }) => [plain(name), guestListens ? 'open' : '-']),
  );
  if (!agent) {
    process.stdout.write(`\nWhat runs in it is not known: ${agentWhy}\n`);
    return;
  }
  process.stdout.write(
    `\nGuest agent ${agent.version}: ${agent.system ?? 'unknown system'}, kernel ${agent.kernel ?? '-'}`,
  );
  process.stdout.write(`, named ${agent.hostName ?? '-'}, logged in: ${agent.users.join(', ') || 'nobody'}\n`);
  section(
    ['INTERFACE', 'MAC', 'ADDRESSES'],
    agent.interfaces.map(({ name, mac, addresses }) => [name, mac ?? '-', addresses.join(' ') || '-']),
  );
  section(
    ['MOUNTED AT', 'TYPE', 'USED', 'SIZE'],
    agent.fileSystems.map(({ mountPoint, type, usedBytes, totalBytes }) => [
      mountPoint,
      type,
      usedBytes === null ? '-' : bytes(usedBytes),
      totalBytes === null ? '-' : bytes(totalBytes),
    ]),
  );
}

/** Its own memory, as its system sees it. */
function inGuest(memory: MachineInside['memory']['guest']): string {
  if (!memory) return 'the guest does not say how it is off for memory.';
  const { usedBytes, totalBytes, availableBytes, freeBytes, swappedInBytes, swappedOutBytes, majorFaults } = memory;
  const said = (value: number | null, words: (value: number) => string) => (value === null ? [] : [words(value)]);
  return [
    `${bytes(usedBytes)} of ${bytes(totalBytes)} in use, ${bytes(availableBytes)} available`,
    ...said(freeBytes, (value) => `${bytes(value)} free`),
    ...said(swappedInBytes, (value) => `${bytes(value)} swapped in`),
    ...said(swappedOutBytes, (value) => `${bytes(value)} swapped out`),
    ...said(majorFaults, (value) => `${value} pages read from a disk`),
  ].join(', ');
}

function section(columns: string[], rows: string[][]): void {
  process.stdout.write('\n');
  printTable(columns, rows);
}

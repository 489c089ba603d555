/**
 * A running machine looked at through its monitor, which its guest does not notice, and through the guest's agent. QEMU
 * is asked for what it knows; nothing is stopped, changed or read from the guest's memory.
 */
import type { AgentSystem, InsideDevice, InsideDrive, MachineInside } from '../../../contract/inside.ts';
import { readPseudoFile } from '../../../metrics/pseudofile.ts';
import { diskOf } from '../disk/blockdev.ts';
import { list, object, systemOf } from '../guest-agent/facts.ts';
import type { LiveMachine } from '../live.ts';
import { readMemoryMap, readRegisters } from './words.ts';

const MAX_LISTED = 500;
const TICKS_PER_SECOND = 100;

export async function lookInside(machine: LiveMachine): Promise<MachineInside> {
  const qmp = await machine.qmp();
  const words = async (line: string) =>
    String(await qmp.execute('human-monitor-command', { 'command-line': line }).catch(() => ''));
  const status = object(await qmp.execute('query-status'));
  const threads = list(await qmp.execute('query-cpus-fast'), MAX_LISTED);
  const registers = readRegisters(await words('info registers -a'));
  const size = object(await qmp.execute('query-memory-size-summary').catch(() => null));
  const ranges = readMemoryMap(await words('info mtree -f'));
  const buses = list(await qmp.execute('query-pci').catch(() => []), MAX_LISTED);
  const drives = list(await qmp.execute('query-block'), MAX_LISTED);
  const lines = list(await qmp.execute('query-chardev'), MAX_LISTED);
  const { agent, why } = await askAgent(machine);
  return {
    qemuVersion: qmp.version,
    status: String(status.status ?? ''),
    processors: threads.map((one) => {
      const index = Number(one['cpu-index']);
      const threadId = Number(one['thread-id']);
      const seen = registers.find((found) => found.index === index);
      return {
        index,
        threadId,
        cpuSeconds: threadSeconds(machine.record.qemu.pid, threadId),
        halted: seen?.halted ?? false,
        registers: seen?.registers ?? [],
        text: seen?.text ?? '',
      };
    }),
    memory: {
      baseBytes: Number(size['base-memory'] ?? 0),
      pluggedBytes: Number(size['plugged-memory'] ?? 0),
      guest: await machine.guestMemory.ask(qmp).catch(() => null),
      ranges,
    },
    devices: buses.flatMap((bus) => devicesOn(list(bus.devices, MAX_LISTED))),
    drives: drives.map(driveOf),
    lines: lines.map((one) => ({ name: String(one.label), guestListens: one['frontend-open'] === true })),
    agent,
    agentWhy: why,
  };
}

async function askAgent({ guestAgent }: LiveMachine): Promise<{ agent: AgentSystem | null; why: string | null }> {
  try {
    if (!(await guestAgent.isThere())) return { agent: null, why: 'No guest agent runs in it.' };
    return { agent: await systemOf(guestAgent), why: null };
  } catch (error) {
    return { agent: null, why: (error as Error).message };
  }
}

/** A bridge's own, then what is behind it. Pure. */
export function devicesOn(devices: readonly Record<string, unknown>[]): InsideDevice[] {
  const hex = (value: unknown, digits: number) =>
    Number(value ?? 0)
      .toString(16)
      .padStart(digits, '0');
  return devices.flatMap((one) => {
    const kind = object(one.class_info);
    const ids = object(one.id);
    const device = {
      slot: `${hex(one.bus, 2)}:${hex(one.slot, 2)}.${hex(one.function, 1)}`,
      ids: `${hex(ids.vendor, 4)}:${hex(ids.device, 4)}`,
      description: String(kind.desc ?? `class ${hex(kind.class, 4)}`),
      name: String(one.qdev_id ?? ''),
    };
    return [device, ...devicesOn(list(object(one.pci_bridge).devices, MAX_LISTED))];
  });
}

/** Pure. */
export function driveOf(one: Record<string, unknown>): InsideDrive {
  const inserted = object(one.inserted);
  const image = object(inserted.image);
  const qdev = String(one.qdev ?? '');
  return {
    name: diskOf(String(one.device || /^\/machine\/peripheral\/([^/]+)/.exec(qdev)?.[1] || qdev)),
    file: typeof inserted.file === 'string' ? inserted.file : null,
    format: typeof inserted.drv === 'string' ? inserted.drv : null,
    virtualBytes: typeof image['virtual-size'] === 'number' ? image['virtual-size'] : null,
    readOnly: inserted.ro === true,
  };
}

function threadSeconds(pid: number, threadId: number): number | null {
  const stat = readPseudoFile(`/proc/${pid}/task/${threadId}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields.length < 13 ? null : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

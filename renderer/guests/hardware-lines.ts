/** The hardware of a machine in lines: what was asked for, and of one that runs what was decided. Pure. */
import type { Guest } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';
import { quoteWord } from '../state/words-of-line.ts';

export function hardwareLines({ spec, machine: found, isolation }: Guest): (readonly [string, string | null])[] {
  if (isolation === 'container') return [];
  const text = m.machine;
  const asked = spec.machine;
  const line = <T extends string>(label: string, names: Readonly<Record<T, string>>, want: T | 'auto', now?: T) =>
    [label, want !== 'auto' ? names[want] : now ? names[now] : null] as const;
  const firmware = found && found.firmware !== 'none' ? found.firmware : undefined;
  return [
    line(text.system, text.systems, asked.system, firmware && found?.system),
    line(text.firmware, text.firmwares, asked.firmware, firmware),
    line(text.architecture, text.architectures, asked.architecture, found?.architecture),
    [text.tpm, asked.tpm ? text.tpmOn : null],
    line(text.diskBus, text.diskBuses, asked.diskBus, found?.diskBus),
    line(text.nic, text.nics, asked.nic, found?.nic),
    line(text.video, text.videos, asked.video, found?.video),
    line(text.sound, text.sounds, asked.sound, found?.sound),
    [text.keyboard, asked.keyboard ? text.keyboards[asked.keyboard] : null],
    [text.cdFirst, asked.cdFirst ? text.cdFirstOn : null],
    [text.clipboard, asked.clipboard ? text.clipboardOn : null],
    [text.sharedMemory, asked.sharedMemory ? text.sharedMemoryOn : null],
    [text.hostDevices, spec.hostDevices.map(({ bus, device }) => `${text.deviceBus[bus]} ${device}`).join(', ')],
    [text.cpuModel, asked.cpuModel],
    [text.extraArgs, asked.extraArgs.map(quoteWord).join(' ')],
  ];
}

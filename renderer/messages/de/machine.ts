/** Die Hardware einer Maschine. Namen von Geräten bleiben, wie sie sind. */

import { plural } from '../format.ts';
import type { Translated } from '../language.ts';
import type { machine as english } from '../machine.ts';

export const machine: Translated<typeof english> = {
  title: 'Hardware',
  auto: 'Passend gewählt',
  autoNow: (now) => `Passend gewählt: ${now}`,
  system: 'System',
  systemHint: 'Entscheidet, welche Geräte es bekommt: die, für die es Treiber hat.',
  systems: {
    linux: 'Linux',
    windows: 'Windows',
    freebsd: 'FreeBSD',
    openbsd: 'OpenBSD',
    netbsd: 'NetBSD',
    other: 'Ein anderes',
  },
  firmware: 'Firmware',
  firmwareHint: 'Ein installiertes System startet nur mit der Firmware, mit der es installiert wurde.',
  firmwares: { bios: 'BIOS', uefi: 'UEFI', 'uefi-secure': 'UEFI, Secure Boot' },
  architecture: 'Prozessor',
  architectureHint: 'Ein anderer als der dieses Hosts wird emuliert und ist langsam.',
  architectures: { x86_64: 'x86_64 (PC)', aarch64: 'aarch64 (ARM)', riscv64: 'riscv64' },
  tpm: 'TPM',
  tpmOn: 'Ein eigenes TPM 2.0',
  diskBus: 'Festplatte an',
  diskBuses: { virtio: 'virtio', scsi: 'SCSI (virtio)', sata: 'SATA', nvme: 'NVMe', usb: 'USB' },
  nic: 'Netzwerkkarte',
  nics: {
    virtio: 'virtio',
    e1000e: 'Intel e1000e',
    e1000: 'Intel e1000',
    rtl8139: 'Realtek 8139',
    vmxnet3: 'VMware vmxnet3',
  },
  video: 'Bildschirm',
  videos: { std: 'VGA', virtio: 'virtio', qxl: 'QXL', vmware: 'VMware SVGA', none: 'Keine' },
  sound: 'Ton',
  sounds: { none: 'Keiner', hda: 'Intel HD Audio', ac97: 'AC’97' },
  clipboard: 'Zwischenablage',
  clipboardOn: 'Vom SPICE-Agenten darin übergeben, auf Befehl',
  sharedMemory: 'Ordner später',
  sharedMemoryOn: 'Kommen auch im Lauf dazu, selbst wenn sie ohne startet; kostet Tempo',
  hostDevices: 'Vom Host',
  hostDevicesHint:
    'Der Host selbst und andere Gäste haben es so lange nicht. USB kommt und geht, während die Maschine läuft.',
  deviceBus: { usb: 'USB', pci: 'PCI' },
  deviceOthers: (guests) => `auch für ${guests}: immer nur einer hat es`,
  deviceAbsent: '(gerade nicht da)',
  devicesShut: (n: number) =>
    plural(n, { one: '# Gerät kann nicht abgegeben werden', other: '# Geräte können nicht abgegeben werden' }),
  cpuModel: 'CPU-Modell',
  cpuModelPlaceholder: 'das beste, das es gibt, oder Haswell,-hle',
  extraArgs: 'Für QEMU',
  extraArgsHint:
    'Weitere Wörter seiner Kommandozeile, für Fachleute. Was die Abschottung aufheben würde, wird abgelehnt.',
};

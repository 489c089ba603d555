/** Ein Gast als Ganzes: umbenennen, klonen, exportieren, importieren. */
import { plural } from '../format.ts';
import type { guests as english } from '../guests.ts';
import type { Translated } from '../language.ts';

export const life: Translated<(typeof english)['life']> = {
  name: 'Name',
  stopFirst: 'vorher stoppen',
  rename: {
    act: 'Umbenennen',
    command: 'Umbenennen…',
    title: (name) => `${name} umbenennen`,
    text: 'Seine Daten bleiben. Andere Gäste finden ihn unter dem neuen Namen.',
    keep: 'Namen behalten',
  },
  clone: {
    act: 'Klonen',
    command: 'Klonen…',
    title: (name) => `${name} klonen`,
    text: 'Ein neuer Gast mit einer Kopie der Daten. Seine Ports auf diesem Host werden neu gewählt.',
    kind: 'Wie',
    kinds: { full: 'Vollständig', linked: 'Verknüpft' },
    hints: {
      full: (size) => `${size === null ? '' : `Belegt jetzt etwa ${size}. `}Er teilt nichts mit diesem.`,
      linked: (size) =>
        `${size === null ? '' : `Belegt jetzt etwa ${size}, und dann, was jeder von beiden schreibt. `}Was die Festplatten jetzt enthalten, gibt es einmal für beide; jeder kann gelöscht werden.`,
    },
    keep: 'Nicht klonen',
    done: (name) => `${name} ist da`,
  },
  export: {
    act: 'Exportieren',
    command: 'In eine Datei exportieren…',
    title: (name) => `${name} exportieren`,
    text: 'Eine Datei mit Gast, Image und Daten, die sich hier oder auf einem anderen Host importieren lässt.',
    machineText: 'Eine Datei, für hier oder für ein anderes Programm.',
    format: 'Format',
    formats: { guesthouse: 'Guesthouse', ova: 'OVA', qcow2: 'qcow2' },
    formatHints: {
      guesthouse: 'Mit Image, Einstellungen und Daten, zum Import hier oder auf einem anderen Host.',
      ova: 'Für VirtualBox, VMware und andere: Prozessoren, Speicher und Festplatte.',
      qcow2: 'Nur die Festplatte, für QEMU, libvirt und andere.',
    },
    needsOurKernel:
      'Die Maschine entstand aus dem Image eines Containers, ihre Festplatte hat also keinen Bootloader: Kein anderes Programm startet sie. Für ein anderes Guesthouse als Guesthouse-Datei exportieren.',
    keep: 'Nicht exportieren',
    done: (name, size) => `${name} exportiert, ${size}`,
  },
  import: {
    act: 'Importieren',
    command: 'Gast aus einer Datei importieren…',
    title: 'Gast importieren',
    text: 'Eine von Guesthouse exportierte Datei, die Maschine eines anderen Programms (OVA, OVF, VMX, libvirt-XML, Vagrant-Box) oder nur eine Festplatte.',
    ownName: 'der bisherige Name',
    keep: 'Nicht importieren',
  },
  find: {
    command: 'Maschinen anderer Programme suchen…',
    title: 'Maschinen anderer Programme',
    text: 'Von libvirt (virt-manager, Boxes) und VirtualBox auf diesem Host. Beim Import wird kopiert; das Original bleibt, wie es ist.',
    looking: 'Maschinen werden gesucht',
    none: 'Keine gefunden.',
    program: { libvirt: 'libvirt', 'libvirt-session': 'libvirt dieses Benutzers', virtualbox: 'VirtualBox' },
    has: (cpus, memory) => `${plural(cpus, { one: '# Prozessor', other: '# Prozessoren' })}, ${memory}`,
    disks: (count, size) => `${plural(count, { one: '# Festplatte', other: '# Festplatten' })}, ${size}`,
    act: 'Importieren',
    importNamed: (name) => `${name} importieren`,
    again: 'Erneut suchen',
    close: 'Schließen',
  },
  commit: {
    act: 'Als Image speichern',
    command: 'Als Image speichern…',
    title: (name) => `${name} als Image speichern`,
    text: 'Ein Image dessen, was aus ihm geworden ist. Für den Moment des Kopierens wird er angehalten.',
    keep: 'Nicht speichern',
    done: (name) => `Das Image ${name} ist da`,
  },
};

/** Text für Dateien, die auf das Fenster gezogen werden. */
import type { drop as english } from '../drop.ts';

export const drop: typeof english = {
  onWindow: 'Ablegen, um daraus einen Gast zu machen',
  onWindowHint:
    'Ein ISO, eine Platte (qcow2, raw, VMDK, VDI, VHD), ein Abbild-Archiv, eine OVA oder eine Compose-Datei',
  onGuest: (name) => `Ablegen, um in ${name} zu kopieren`,
  onGuestHint: 'Als Nächstes wird nach dem Ordner gefragt',
  into: {
    title: (files, guest) => `${files} in ${guest} kopieren`,
    folder: 'Ordner im Gast',
    yes: 'Kopieren',
    done: (files, count, guest, folder) => `${files} ${count === 1 ? 'ist' : 'sind'} in ${guest}, in ${folder}.`,
  },
  show: 'Dateien zeigen',
  unknown: (name) =>
    `Aus ${name} kann kein Gast werden: dazu taugen ein ISO, eine Platte, ein Abbild-Archiv oder eine OVA. Auf einem Gast abgelegt, wird es dorthin kopiert.`,
  folder: (name, guest) =>
    guest === null
      ? `${name} ist ein Ordner; seinen Pfad erfährt ein Fenster nicht. Er lässt sich unter Neuer Gast, Ordner wählen.`
      : `${name} ist ein Ordner; hier werden einzelne Dateien kopiert. \`guesthouse cp ORDNER ${guest}:/ORT\` kopiert alles.`,
  busy: (name) => `${name} ist noch unterwegs; eins nach dem anderen.`,
};

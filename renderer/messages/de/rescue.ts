/** Die Platten einer Maschine, die nicht läuft, geöffnet von einer kleinen eigenen Maschine. */
import { plural } from '../format.ts';
import type { Translated } from '../language.ts';
import type { rescue as english } from '../rescue.ts';

const HAS = { set: 'hat eines', none: 'hat keines', locked: 'gesperrt' };

export const rescue: Translated<typeof english> = {
  region: 'Geöffnete Platten',
  closed:
    'Die Dateien liegen auf eigenen Platten. Solange sie nicht läuft, kann eine kleine Maschine von uns sie öffnen: zum Ansehen, zum Kopieren, oder um sich wieder Zugang zu geben.',
  running: 'Die Dateien liegen auf eigenen Platten, und sie läuft: sie hat sie für sich.',
  open: 'Platte öffnen',
  openHint: 'Nichts darauf wird geändert',
  openToWrite: 'Zum Schreiben öffnen…',
  askWrite: {
    title: (name) => `Die Platten von ${name} zum Schreiben öffnen?`,
    text: 'Was du änderst und was Dateisysteme selbst reparieren, steht sofort auf den Platten. Zurück führt nur eine Kopie.',
    keep: 'So lassen, wie sie sind',
    yes: 'Zum Schreiben öffnen',
  },
  close: 'Platte schließen',
  opening: (step) => step ?? 'Wird geöffnet',
  state: ({ write, root, fileSystems }) => {
    const at = fileSystems.find(({ device }) => device === root);
    const what = at?.system ?? at?.label ?? 'kein System';
    return `${what} auf ${root ?? 'keinem Dateisystem'}, ${write ? 'beschreibbar' : 'nur lesen'}`;
  },
  unlock: 'Entsperren…',
  unlockAsk: {
    title: (device) => `${device} entsperren`,
    passphrase: 'Passphrase',
    hint: 'Des verschlüsselten Volumes, wie beim Start seines Systems. Sie wird nicht aufbewahrt.',
    keep: 'Abbrechen',
    yes: 'Entsperren',
    done: (device) => `${device} ist offen`,
  },
  more: (all) => plural(all, { one: '# Dateisystem', other: '# Dateisysteme' }),
  fileSystems: 'Dateisysteme',
  device: 'Gerät',
  disk: 'Platte',
  size: 'Größe',
  type: 'Art',
  holds: 'Enthält',
  nothing: 'nichts Bekanntes',
  isRoot: 'gezeigt',
  writable: 'Beschreibbar',
  readOnly: 'vorher zum Schreiben öffnen',
  isOpen: 'ihre Platten sind geöffnet',
  shell: 'Shell',
  logs: 'Protokolle',
  log: 'Protokoll',
  files: 'Dateien',
  noLogs: 'In /var/log gibt es keine Protokolle.',
  lines: 'Die letzten 500 Zeilen',
  password: 'Passwort zurücksetzen…',
  passwordAsk: {
    title: (name) => `Ein neues Passwort in ${name}`,
    user: 'Benutzer',
    userHint: (users) => users.map(({ name, password }) => `${name} (${HAS[password]})`).join(', '),
    password: 'Neues Passwort',
    hint: 'Geschrieben wird nur sein Hash. Das Konto wird entsperrt; wie es war, steht in /etc/shadow-.',
    keep: 'Abbrechen',
    yes: 'Passwort setzen',
    done: (user) => `Das Passwort von ${user} ist gesetzt`,
  },
  key: 'SSH-Schlüssel hinzufügen…',
  keyAsk: {
    title: (name) => `Jemanden per SSH in ${name} lassen`,
    key: 'Öffentlicher Schlüssel',
    yes: 'Schlüssel hinzufügen',
    done: (user) => `Der Schlüssel von ${user} ist hinzugefügt`,
  },
};

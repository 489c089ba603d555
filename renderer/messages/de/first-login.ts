/** Die erste Anmeldung in Neuer Gast. */
import type { firstLogin as english } from '../first-login.ts';
import type { Translated } from '../language.ts';

export const firstLogin: Translated<typeof english> = {
  title: 'Erste Anmeldung',
  titleHint: 'für Cloud-Images',
  on: 'Dem System sagen, wer sich anmelden darf (cloud-init)',
  offHint:
    'Ein Cloud-Image hat kein eigenes Passwort. Eine Festplatte mit einem installierten System braucht hier nichts.',
  user: 'Benutzer',
  userPlaceholder: 'der des Images, etwa debian oder ubuntu',
  password: 'Passwort',
  passwordHint: 'Nur sein Hash wird behalten.',
  keys: 'SSH-Schlüssel',
  keyEach: 'Öffentlicher Schlüssel',
  addKey: 'Schlüssel hinzufügen',
  removeKey: 'Schlüssel entfernen',
  disk: 'Festplatte',
  growDisk: 'Dateisystem auf die ganze Festplatte vergrößern',
  userData: 'User-Data',
  userDataHint: 'Eigene, für alle, die cloud-init kennen. Sie gehen dem oben Gesagten vor.',
};

/** Der Katalog. */
import type { catalogue as english } from '../catalogue.ts';
import type { Translated } from '../language.ts';

export const catalogue: Translated<typeof english> = {
  title: 'Katalog',
  search: 'Im Katalog suchen',
  searchPlaceholder: 'Debian, installer, aarch64 …',
  reading: 'Der Katalog wird gelesen',
  none: (wanted) => `Nichts im Katalog heißt ${wanted}.`,
  empty: 'Der Katalog ist leer.',
  list: 'Images zum Holen',
  kinds: { cloud: 'Cloud-Image', installer: 'Installation', live: 'Live-Medium' },
  architectures: { x86_64: 'x86_64', aarch64: 'aarch64', riscv64: 'riscv64' },
  about: (size) => `etwa ${size}`,
  emulated: 'hier emuliert',
  signed: 'signiert',
  signedHint: 'Die Signatur des Herstellers wird geprüft, wo gpgv und sein Schlüssel auf diesem Host sind.',
  unsigned: 'nur Prüfsumme',
  unsignedHint:
    'Der Hersteller veröffentlicht eine Prüfsumme daneben und keine Signatur, die hier geprüft werden könnte.',
  fetch: 'Holen',
  fetchNamed: (title) => `${title} holen`,
  use: 'Verwenden',
  useNamed: (title) => `${title} verwenden`,
  here: 'schon hier',
  from: (hosts) => `von ${hosts}`,
  choose: 'Spiegel nennen…',
  chooseNamed: (vendor) => `Einen Spiegel von ${vendor} nennen`,
  noMirror: 'noch kein Spiegel genannt',
  mirror: (vendor) => `Spiegel von ${vendor}`,
  mirrorHint: (example) => `Die Adresse des Ordners, in dem ${example} liegt. Sie wird für das nächste Mal behalten.`,
  mirrorPlaceholder: 'https://mirror.example/folder/',
  save: 'Speichern',
  cancel: 'Abbrechen',
  change: 'Spiegel ändern',
  changeNamed: (vendor) => `Den Spiegel von ${vendor} ändern`,
};

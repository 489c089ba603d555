/** Text of the catalogue of others' images. */
import type { Architecture, CatalogueKind } from '../../engine/contract/index.ts';

export const catalogue = {
  title: 'Catalogue',
  search: 'Search the catalogue',
  searchPlaceholder: 'Debian, installer, aarch64 …',
  reading: 'Reading the catalogue',
  none: (wanted: string): string => `Nothing in the catalogue is called ${wanted}.`,
  empty: 'The catalogue is empty.',
  list: 'Images to fetch',
  kinds: { cloud: 'cloud image', installer: 'installer', live: 'live medium' } satisfies Record<CatalogueKind, string>,
  /** As its makers write it. */
  architectures: { x86_64: 'x86_64', aarch64: 'aarch64', riscv64: 'riscv64' } satisfies Record<Architecture, string>,
  about: (size: string): string => `about ${size}`,
  emulated: 'emulated here',
  signed: 'signed',
  signedHint: 'Its maker’s signature is checked where gpgv and its key are on this host.',
  unsigned: 'checksum only',
  unsignedHint: 'Its maker publishes a checksum beside it, and no signature that could be checked here.',
  fetch: 'Fetch',
  fetchNamed: (title: string): string => `Fetch ${title}`,
  use: 'Use it',
  useNamed: (title: string): string => `Use ${title}`,
  here: 'here already',
  from: (hosts: string): string => `from ${hosts}`,
  choose: 'Set mirror…',
  chooseNamed: (vendor: string): string => `Set a mirror of ${vendor}`,
  noMirror: 'no mirror named yet',
  mirror: (vendor: string): string => `Mirror of ${vendor}`,
  mirrorHint: (example: string): string =>
    `The address of the folder in which ${example} lies. It is kept for the next time.`,
  mirrorPlaceholder: 'https://mirror.example/folder/',
  save: 'Save',
  cancel: 'Cancel',
  change: 'Change mirror',
  changeNamed: (vendor: string): string => `Change the mirror of ${vendor}`,
};

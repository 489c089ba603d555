/**
 * Which system is on an installation medium, by its volume's labels and a few files. The labels are those of
 * libosinfo's database (osinfo-db) and of media as they are published. Pure.
 */
import type { Distribution, Medium } from '../../contract/medium.ts';
import type { IsoVolumeFacts } from '../iso9660/read.ts';

export interface MediumFacts {
  readonly volume: IsoVolumeFacts;
  /** Content of those of `TOLD_BY` that are there, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Those of `SHOWN_BY` that are there. */
  readonly paths: ReadonlySet<string>;
}

/** Files that say in words what it is. */
export const TOLD_BY = ['.disk/info', '.treeinfo', '.alpine-release', 'media.1/products'] as const;
/** Files and folders that show it by being there. */
export const SHOWN_BY = [
  'arch/x86_64',
  'sources/install.wim',
  'sources/install.esd',
  'sources/boot.wim',
  'bootmgr',
  'etc/freebsd-update.conf',
  'bsd.rd',
  'casper',
  'live',
  'isolinux',
  'boot/grub',
  'images/pxeboot',
] as const;

type Test = (facts: MediumFacts, info: string) => boolean;

/** In this order: the first that fits. `info`: what `.disk/info` says. */
const SYSTEMS: readonly (readonly [Distribution, Test])[] = [
  [
    'windows',
    ({ volume, paths }) =>
      isMicrosoft(volume) ||
      ['sources/install.wim', 'sources/install.esd', 'sources/boot.wim'].some((path) => paths.has(path)),
  ],
  ['ubuntu', ({ volume }, info) => /^\S*ubuntu\b/i.test(info) || /^\S*ubuntu\b/i.test(spaced(volume.label))],
  [
    'debian',
    ({ volume }, info) =>
      /^(debian|official debian)\b/i.test(info) || /^(debian\b|d-live )/i.test(spaced(volume.label)),
  ],
  [
    'fedora',
    ({ volume, texts }) =>
      /^(family|name)\s*=\s*fedora/im.test(texts.get('.treeinfo') ?? '') ||
      /^fedora\b|^fedora-/i.test(spaced(volume.label)),
  ],
  [
    'arch',
    ({ volume, paths }) =>
      /^ARCH_\d{6}$/.test(volume.label) || /^ARCH LINUX/i.test(volume.application) || paths.has('arch/x86_64'),
  ],
  ['alpine', ({ volume, texts }) => /^alpine-/i.test(volume.label) || texts.has('.alpine-release')],
  [
    'opensuse',
    ({ volume, texts }) => /^opensuse/i.test(volume.label) || /opensuse/i.test(texts.get('media.1/products') ?? ''),
  ],
  [
    'freebsd',
    ({ volume, paths }) =>
      /^freebsd/i.test(volume.system) ||
      /^\d+_\d+_[A-Z0-9]+_(AMD64|ARM64|AARCH64|I386|RISCV)/i.test(volume.label) ||
      /^FREEBSD/i.test(volume.label) ||
      paths.has('etc/freebsd-update.conf'),
  ],
  [
    'openbsd',
    ({ volume, paths }) => /^openbsd/i.test(volume.system) || /^openbsd/i.test(volume.label) || paths.has('bsd.rd'),
  ],
  ['netbsd', ({ volume }) => /^netbsd/i.test(volume.system) || /^netbsd/i.test(volume.label)],
];

/** Memory (MiB) and disk (GiB): what their makers recommend, rounded up. */
const ROOM: Readonly<Record<Distribution, readonly [memoryMib: number, diskGib: number]>> = {
  debian: [2048, 20],
  ubuntu: [4096, 25],
  fedora: [4096, 20],
  arch: [2048, 20],
  alpine: [512, 8],
  opensuse: [2048, 40],
  freebsd: [2048, 20],
  openbsd: [1024, 20],
  netbsd: [1024, 20],
  windows: [4096, 64],
  other: [1024, 20],
};

const MAX_NAME = 80;

export function guessMedium(facts: MediumFacts): Medium {
  const info = lineOf(facts.texts.get('.disk/info') ?? '');
  const distribution = SYSTEMS.find(([, fits]) => fits(facts, info))?.[0] ?? 'other';
  const [memoryMib, diskGib] = ROOM[distribution];
  return {
    distribution,
    family: familyOf(distribution, facts),
    name: nameOf(distribution, facts, info),
    architecture: architectureOf(facts, info),
    memoryMib,
    diskGib,
  };
}

const isMicrosoft = ({ publisher, label }: IsoVolumeFacts): boolean =>
  /^MICROSOFT CORPORATION/i.test(publisher) ||
  /^(J_)?C?C(COMA|SNA?|ENA?|PBA)_X(64|86)FREE?_/i.test(label) ||
  /^SSS_X64FREE?_/i.test(label);

function familyOf(distribution: Distribution, { volume, paths }: MediumFacts): Medium['family'] {
  switch (distribution) {
    case 'windows':
    case 'freebsd':
    case 'openbsd':
    case 'netbsd':
      return distribution;
    case 'other':
      return /^LINUX/i.test(volume.system) ||
        ['casper', 'live', 'isolinux', 'images/pxeboot'].some((path) => paths.has(path))
        ? 'linux'
        : 'other';
    default:
      return 'linux';
  }
}

const TITLES: Partial<Record<Distribution, string>> = {
  arch: 'Arch Linux',
  alpine: 'Alpine Linux',
  freebsd: 'FreeBSD',
  netbsd: 'NetBSD',
  windows: 'Windows',
};

/** In its own words where it has some, else what its label gives away. */
function nameOf(distribution: Distribution, { volume, texts }: MediumFacts, info: string): string {
  const tree = /^\[general\][^[]*?^name\s*=\s*(.+)$/ims.exec(texts.get('.treeinfo') ?? '')?.[1];
  const said = info.split(' - ')[0] || lineOf(tree ?? '');
  if (said) return said.slice(0, MAX_NAME);
  const title = TITLES[distribution];
  const label = spaced(volume.label).trim();
  if (!title) return (label || 'an unnamed medium').slice(0, MAX_NAME);
  const version =
    distribution === 'freebsd'
      ? /^(\d+)_(\d+)_/.exec(volume.label)?.slice(1).join('.')
      : distribution === 'netbsd'
        ? /^NETBSD_(\d+)(\d)$/.exec(volume.label)?.slice(1).join('.')
        : distribution === 'alpine'
          ? /(\d+\.\d+(?:\.\d+)?)/.exec(`${lineOf(texts.get('.alpine-release') ?? '')} ${label}`)?.[1]
          : distribution === 'arch'
            ? /^ARCH_(\d{4})(\d{2})$/.exec(volume.label)?.slice(1).join('.')
            : undefined;
  return [title, version]
    .filter((part) => part !== undefined)
    .join(' ')
    .slice(0, MAX_NAME);
}

const ARCHITECTURES: readonly (readonly [RegExp, string])[] = [
  [/\b(amd64|x86_64|x64|x64fre\w*)\b/i, 'x86_64'],
  [/\b(arm64|aarch64|a64fre\w*)\b/i, 'aarch64'],
  [/\briscv(64)?\b/i, 'riscv64'],
  [/\b(i[3-6]86|x86|x86fre\w*)\b/i, 'i386'],
];

function architectureOf({ volume, texts, paths }: MediumFacts, info: string): string | null {
  const tree = /^arch\s*=\s*(\S+)/im.exec(texts.get('.treeinfo') ?? '')?.[1] ?? '';
  const said = [info, tree, spaced(volume.label), lineOf(texts.get('.alpine-release') ?? '')].join(' ');
  const found = ARCHITECTURES.find(([pattern]) => pattern.test(said))?.[1];
  return found ?? (paths.has('arch/x86_64') ? 'x86_64' : null);
}

/** An underscore stands for a blank (and is a letter to a regular expression), but x86_64 needs its own. */
const spaced = (label: string): string => label.replace(/(?<!x86)_/gi, ' ');

function lineOf(text: string): string {
  const [line = ''] = text.trim().split(/[\r\n]/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: shown to a person
  return line.replace(/[\0-\x1f\x7f-\x9f\ufffd]/g, ' ').trim();
}

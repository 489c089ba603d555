import { expect, test } from 'vitest';
import { guessMedium, type MediumFacts } from './guess.ts';

interface Told {
  readonly label?: string;
  readonly system?: string;
  readonly publisher?: string;
  readonly application?: string;
  readonly texts?: Record<string, string>;
  readonly paths?: readonly string[];
}
const guess = ({ label = '', system = '', publisher = '', application = '', texts = {}, paths = [] }: Told) => {
  const facts: MediumFacts = {
    volume: { label, system, publisher, application },
    texts: new Map(Object.entries(texts)),
    paths: new Set(paths),
  };
  const { distribution, family, name, architecture } = guessMedium(facts);
  return [distribution, family, name, architecture];
};

const DEBIAN_INFO = 'Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 NETINST with firmware 20240210-11:27';

test.each<[Told, string, string, string, string | null]>([
  [
    { label: 'Debian 12.5.0 amd64 n', texts: { '.disk/info': DEBIAN_INFO } },
    'debian',
    'linux',
    'Debian GNU/Linux 12.5.0 "Bookworm"',
    'x86_64',
  ],
  [{ label: 'Debian 9.13.0 arm64 1' }, 'debian', 'linux', 'Debian 9.13.0 arm64 1', 'aarch64'],
  [
    {
      label: 'Ubuntu-Server 22.04.4 LTS amd64',
      texts: { '.disk/info': 'Ubuntu-Server 22.04.4 LTS "Jammy Jellyfish" - Release amd64 (20240216)' },
    },
    'ubuntu',
    'linux',
    'Ubuntu-Server 22.04.4 LTS "Jammy Jellyfish"',
    'x86_64',
  ],
  [{ label: 'Kubuntu 24.04 LTS amd64' }, 'ubuntu', 'linux', 'Kubuntu 24.04 LTS amd64', 'x86_64'],
  [
    {
      label: 'Fedora-S-dvd-x86_64-39',
      texts: { '.treeinfo': '[general]\narch = x86_64\nfamily = Fedora\nname = Fedora 39\n' },
    },
    'fedora',
    'linux',
    'Fedora 39',
    'x86_64',
  ],
  [{ label: 'Fedora-WS-Live-39-1-5', system: 'LINUX' }, 'fedora', 'linux', 'Fedora-WS-Live-39-1-5', null],
  [
    { label: 'ARCH_202402', application: 'ARCH LINUX LIVE/RESCUE DVD', paths: ['arch/x86_64'] },
    'arch',
    'linux',
    'Arch Linux 2024.02',
    'x86_64',
  ],
  [
    { label: 'alpine-virt 3.19.1 x86_64', texts: { '.alpine-release': 'alpine-virt-3.19.1 240126\n' } },
    'alpine',
    'linux',
    'Alpine Linux 3.19.1',
    'x86_64',
  ],
  [
    { label: 'openSUSE-Leap-15.5-DVD-x86_64', publisher: 'SUSE LINUX GmbH' },
    'opensuse',
    'linux',
    'openSUSE-Leap-15.5-DVD-x86_64',
    'x86_64',
  ],
  [{ label: '14_0_RELEASE_AMD64_CD', system: 'FreeBSD' }, 'freebsd', 'freebsd', 'FreeBSD 14.0', 'x86_64'],
  [
    { label: 'OpenBSD/amd64   7.4 Install CD', system: 'OpenBSD' },
    'openbsd',
    'openbsd',
    'OpenBSD/amd64   7.4 Install CD',
    'x86_64',
  ],
  [{ label: 'NETBSD_93', system: 'NetBSD' }, 'netbsd', 'netbsd', 'NetBSD 9.3', null],
  [{ label: 'CCCOMA_X64FRE_EN-US_DV9', publisher: 'MICROSOFT CORPORATION' }, 'windows', 'windows', 'Windows', 'x86_64'],
  [{ label: 'ESD-ISO', paths: ['sources/install.esd', 'bootmgr'] }, 'windows', 'windows', 'Windows', null],
  [
    {
      label: 'Rocky-9-3-x86_64-dvd',
      texts: { '.treeinfo': '[general]\nname = Rocky Linux 9.3\narch = x86_64\n' },
      paths: ['images/pxeboot'],
    },
    'other',
    'linux',
    'Rocky Linux 9.3',
    'x86_64',
  ],
  [{ label: 'HAIKU' }, 'other', 'other', 'HAIKU', null],
  [{}, 'other', 'other', 'an unnamed medium', null],
])('%j', (told, ...expected) => expect(guess(told)).toEqual(expected));

test('what it says of itself is shown short and on one line', () => {
  const [, , name] = guess({ label: 'x', texts: { '.disk/info': `\u001b[31mEvil\u0007${'x'.repeat(500)}\nmore` } });
  expect(name).toMatch(/^\[31mEvil x{60,80}$/);
});

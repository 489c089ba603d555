import { describe, expect, it } from 'vitest';
import { createAptProgress } from './apt-progress.ts';
import { formatSources, parseAptFile, sourcesOfRelease } from './apt-sources.ts';

const DEB822 = `Types: deb deb-src
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://tools.example/debian
Suites: bookworm
Components: stable

Enabled: no
Types: deb
URIs: http://off.example/
Suites: bookworm
Components: main

Types: deb
URIs: http://key.example/
Suites: bookworm-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
`;

describe('the host’s package sources', () => {
  it('of the release and its main component, from deb822', () => {
    const found = sourcesOfRelease(parseAptFile('debian.sources', DEB822), 'bookworm');
    expect(found.map(({ uris, suites }) => [...uris, ...suites])).toEqual([
      ['http://mirror.example/debian', 'bookworm', 'bookworm-updates'],
      ['http://key.example/', 'bookworm-security'],
    ]);
    expect(parseAptFile('x.sources', formatSources(found))).toEqual(found);
    expect(formatSources(found)).toContain('Signed-By: -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc');
  });

  it('from one-line lists', () => {
    const list = `# deb http://no.example bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian bookworm main contrib # why
deb-src http://a.example/debian bookworm main
deb http://other.example trixie main`;
    expect(sourcesOfRelease(parseAptFile('sources.list', list), 'bookworm')).toEqual([
      { uris: ['http://a.example/debian'], suites: ['bookworm'], components: ['main'], signedBy: '/k.gpg' },
    ]);
  });
});

describe('apt progress', () => {
  it('never goes back and names the step', () => {
    const parse = createAptProgress();
    const lines = [
      'I: running apt-get update...',
      'I: downloading packages with apt...',
      ...Array.from({ length: 100 }, (_, at) => `Get:${at} x`),
      'I: installing essential packages...',
      ...Array.from({ length: 300 }, () => 'Setting up x'),
      'noise',
      'I: creating tarball...',
    ];
    const told = lines.flatMap((line) => parse(line) ?? []);
    const fractions = told.map(({ fraction }) => fraction as number);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(told.length).toBeGreaterThan(20);
    expect(new Set(told.map(({ step }) => step))).toEqual(
      new Set(['Reading package lists', 'Downloading packages', 'Installing the base system', 'Packing']),
    );
  });
});

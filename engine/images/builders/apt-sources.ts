/**
 * The host's own package sources of one release, as configured for apt: one-line lists and deb822 `.sources` files
 * (sources.list(5)). No mirror is ever named in our code; whoever configured one for the host gets it in guests too.
 */

export interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Path of a keyring, fingerprints, or an embedded key; null: apt's own trusted keys. */
  readonly signedBy: string | null;
}

/** Parses one file; `path` decides the format. Disabled and source-package entries are left out. */
export function parseAptFile(path: string, content: string): AptSource[] {
  return path.endsWith('.sources') ? parseDeb822(content) : parseOneLine(content);
}

function parseOneLine(content: string): AptSource[] {
  return content.split('\n').flatMap((raw) => {
    const line = raw.replace(/#.*/, '').trim();
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/.exec(line);
    if (!match) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? null;
    return [{ uris: [uri], suites: [suite], components: words(components), signedBy }];
  });
}

function parseDeb822(content: string): AptSource[] {
  return content.split(/\n[ \t]*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    let last = '';
    for (const line of stanza.split('\n')) {
      if (line.startsWith('#')) continue;
      const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
      if (field?.[1]) {
        last = field[1].toLowerCase();
        fields.set(last, field[2] ?? '');
      } else if (/^\s/.test(line) && last !== '') fields.set(last, `${fields.get(last)}\n${line.trim()}`);
    }
    if (!words(fields.get('types')).includes('deb') || /^(no|false)$/i.test(fields.get('enabled') ?? '')) return [];
    return [
      {
        uris: words(fields.get('uris')),
        suites: words(fields.get('suites')),
        components: words(fields.get('components')),
        signedBy: fields.get('signed-by')?.trim() || null,
      },
    ];
  });
}

/** Those that carry the release itself, its updates and its security fixes, and only their `main` component. */
export function sourcesOfRelease(sources: readonly AptSource[], codename: string): AptSource[] {
  const wanted = new Set([codename, `${codename}-updates`, `${codename}-security`, `${codename}/updates`]);
  return sources.flatMap((source) => {
    const suites = source.suites.filter((suite) => wanted.has(suite));
    return suites.length > 0 && source.components.includes('main') ? [{ ...source, suites, components: ['main'] }] : [];
  });
}

/** As a deb822 file for mmdebstrap, which puts it into the image as it is. */
export function formatSources(sources: readonly AptSource[]): string {
  return sources
    .map((source) =>
      [
        'Types: deb',
        `URIs: ${source.uris.join(' ')}`,
        `Suites: ${source.suites.join(' ')}`,
        `Components: ${source.components.join(' ')}`,
        ...(source.signedBy ? [`Signed-By: ${source.signedBy.split('\n').join('\n ')}`] : []),
        '',
      ].join('\n'),
    )
    .join('\n');
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter(Boolean);
}

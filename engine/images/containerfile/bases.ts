/** Which images a Containerfile begins with or copies from: they come out of our store. Pure. */

/**
 * In order, each name once, with the ways it is written there (`debian:12`, `debian:$VERSION`); `scratch` and stages of
 * the file itself are none.
 */
export function baseImages(
  containerfile: string,
  buildArgs: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, ReadonlySet<string>> {
  const args = new Map<string, string>();
  const stages = new Set<string>();
  const found = new Map<string, Set<string>>();
  let inStage = false;
  const wish = (written: string) => {
    const name = substituted(written, args);
    if (name === '' || name === 'scratch' || stages.has(name.toLowerCase()) || /^\d+$/.test(name)) return;
    found.set(name, (found.get(name) ?? new Set()).add(written).add(name));
  };
  for (const line of logicalLines(containerfile)) {
    const [instruction = '', ...words] = line.split(/\s+/);
    switch (instruction.toUpperCase()) {
      case 'ARG':
        if (inStage) break;
        for (const word of words) {
          const [name = '', ...value] = word.split('=');
          const given = buildArgs[name] ?? (value.length > 0 ? substituted(unquoted(value.join('=')), args) : '');
          args.set(name, given);
        }
        break;
      case 'FROM': {
        inStage = true;
        const [image = '', as = '', stage = ''] = words.filter((word) => !word.startsWith('--'));
        wish(unquoted(image));
        if (as.toUpperCase() === 'AS') stages.add(stage.toLowerCase());
        break;
      }
      case 'COPY':
      case 'RUN':
        for (const word of words) {
          const from = /^--from=(.+)$/.exec(word) ?? /^--mount=(?:.*,)?from=([^,]+)/.exec(word);
          if (from?.[1]) wish(unquoted(from[1]));
          else if (!word.startsWith('--')) break;
        }
        break;
    }
  }
  return found;
}

/** Comments left out, continued lines joined. The escape character can be chosen by a first line `# escape=`. */
function logicalLines(text: string): string[] {
  const continues = /^#\s*escape\s*=\s*`\s*$/im.test(text.split('\n', 3).join('\n')) ? '`' : '\\';
  const lines: string[] = [];
  let open = '';
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line.startsWith('#') || line === '') continue;
    if (line.endsWith(continues)) {
      open += `${line.slice(0, -1)} `;
      continue;
    }
    lines.push(open + line);
    open = '';
  }
  return open === '' ? lines : [...lines, open];
}

/** `$NAME`, `${NAME}`, `${NAME:-otherwise}`, `${NAME:+instead}`. */
function substituted(text: string, args: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:\{(\w+)(?::([-+])([^}]*))?\}|(\w+))/g,
    (_, braced?: string, sign?: string, word?: string, bare?: string) => {
      const value = args.get(braced ?? bare ?? '') ?? '';
      if (sign === '-') return value === '' ? (word ?? '') : value;
      if (sign === '+') return value === '' ? '' : (word ?? '');
      return value;
    },
  );
}

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2');

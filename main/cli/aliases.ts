/** Words of docker and podman for commands that have another name here. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  ps: ['ls'],
  images: ['image', 'ls'],
  rmi: ['image', 'rm'],
  load: ['image', 'import'],
  unpause: ['resume'],
  version: ['--version'],
  info: ['doctor'],
  'system df': ['df'],
  'system prune': ['prune'],
  'system info': ['doctor'],
  'image pull': ['pull'],
  'image load': ['image', 'import'],
};

/** What has no command here, and what is done instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  login:
    'Log in with `podman login HOST`, `docker login HOST` or `skopeo login HOST`: what they keep is used here as well.',
  logout: 'Log out where you logged in: `podman logout HOST`, `docker logout HOST` or `skopeo logout HOST`.',
  push: 'Write it with `guesthouse save -o FILE IMAGE`, and push that: `skopeo copy docker-archive:FILE docker://HOST/NAME`.',
};

/** The words as our commands have them. */
export function ourWords(argv: readonly string[]): readonly string[] {
  const [first = '', second = '', ...rest] = argv;
  // What `container prune` takes away, ours does not, and the other way round.
  if (first === 'container' && second !== '' && second !== 'prune') return ourWords(argv.slice(1));
  const both = `${first} ${second}`;
  if (Object.hasOwn(ALIASES, both)) return [...(ALIASES[both] as readonly string[]), ...rest];
  return Object.hasOwn(ALIASES, first) ? [...(ALIASES[first] as readonly string[]), ...argv.slice(1)] : argv;
}

/** For a word that is no command: how it is done here, or where the commands are. */
export const insteadOf = (word: string): string =>
  (Object.hasOwn(INSTEAD, word) ? INSTEAD[word] : undefined) ?? 'See `guesthouse help`.';

/** For the help: `ps (ls), images (image ls)`. */
export function aliasesText(): string {
  return Object.entries(ALIASES)
    .map(([word, ours]) => `${word} (${ours.join(' ')})`)
    .join(', ');
}

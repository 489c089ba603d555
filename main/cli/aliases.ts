/** Words of docker and podman for commands that have another name here. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  ps: ['ls'],
  images: ['image', 'ls'],
  rmi: ['image', 'rm'],
  load: ['image', 'import'],
  unpause: ['resume'],
};

/** The words as our commands have them. */
export function ourWords(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  const ours = first !== undefined && Object.hasOwn(ALIASES, first) ? ALIASES[first] : undefined;
  return ours ? [...ours, ...rest] : argv;
}

/** For the help: `ps (ls), images (image ls)`. */
export function aliasesText(): string {
  return Object.entries(ALIASES)
    .map(([word, ours]) => `${word} (${ours.join(' ')})`)
    .join(', ');
}

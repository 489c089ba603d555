/** `WWW-Authenticate` (RFC 9110, section 11.6.1): which ways in a registry offers. */
export interface Challenge {
  /** In small letters: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in small letters. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longer headers mean nothing good. */
const MAX_HEADER = 8192;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;

/** All that can be read of it; what cannot ends the reading. Never throws. */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const text = (header ?? '').slice(0, MAX_HEADER);
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(/[\s,]*/y);
    const name = take(TOKEN)?.[0].toLowerCase();
    if (name === undefined) return challenges;
    if (take(/\s*=\s*/y)) {
      const quoted = take(QUOTED);
      const value = quoted ? (quoted[1] as string).replace(/\\(.)/g, '$1') : take(TOKEN)?.[0];
      if (value === undefined) return challenges;
      // The first wins: a second value for one name is somebody trying something.
      const { parameters } = challenges.at(-1) ?? {};
      if (parameters && !parameters.has(name)) parameters.set(name, value);
    } else challenges.push({ scheme: name, parameters: new Map() });
  }
}

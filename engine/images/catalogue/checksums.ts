/**
 * Checksum files as distributions write them: `sha256sum`'s lines, BSD's `SHA256 (name) = …`, the SHA256 part of an
 * archive's Release, and a digest alone. Pure; the text is hostile until its own checksum or signature said otherwise.
 */
import { posix } from 'node:path';

export interface Sum {
  /** 64 hex digits of a sha256, or 128 of a sha512. */
  readonly hex: string;
  /** As the file calls it, without `./`. */
  readonly name: string;
}

const PLAIN = /^([0-9a-fA-F]{64}|[0-9a-fA-F]{128})[ \t]+\*?(\S.*)$/;
const BSD = /^SHA(?:256|512) \(([^)]+)\) = ([0-9a-fA-F]{64}|[0-9a-fA-F]{128})$/;
/** deb822: `SHA256:`, then ` digest size path`. */
const RELEASE = /^ ([0-9a-f]{64}) +\d+ (\S+)$/;
const ALONE = /^([0-9a-fA-F]{64}|[0-9a-fA-F]{128})$/;

export function parseSums(text: string): Sum[] {
  const sums: Sum[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    const release = RELEASE.exec(line);
    const plain = release ?? PLAIN.exec(line.trimStart());
    const bsd = BSD.exec(line);
    const alone = ALONE.exec(line);
    if (plain) sums.push(sum(plain[1] as string, plain[2] as string));
    else if (bsd) sums.push(sum(bsd[2] as string, bsd[1] as string));
    else if (alone) sums.push(sum(alone[1] as string, ''));
  }
  return sums;
}

const sum = (hex: string, name: string): Sum => ({ hex: hex.toLowerCase(), name: name.replace(/^(?:\.\/)+/, '') });

/**
 * What the checksum file at `sumsPath` says of `wanted`, both below the same mirror. A `*` in it takes the newest name
 * that fits. null: it says nothing, or two things. The longer digest counts.
 */
export function findSum(sums: readonly Sum[], sumsPath: string, wanted: string): { hex: string; path: string } | null {
  const folder = posix.dirname(sumsPath);
  // `disk.qcow2.sha256` is about that disk, whatever the disk is called in it.
  const isAlone = sumsPath.toLowerCase().replace(/\.sha(256|512)(sum)?$/, '') === wanted.toLowerCase();
  if (isAlone && new Set(sums.map(({ hex }) => hex)).size === 1) return { hex: (sums[0] as Sum).hex, path: wanted };
  // Of what a path may have, only these two mean anything to a regular expression.
  const pattern = new RegExp(`^${wanted.replace(/[.+]/g, '\\$&').replaceAll('*', '[A-Za-z0-9._+~-]*')}$`);
  const fitting = sums
    .map(({ hex, name }) => ({ hex, path: posix.normalize(posix.join(folder, name)) }))
    .filter(({ path }) => pattern.test(path));
  const newest = fitting
    .map(({ path }) => path)
    .sort(byVersion)
    .at(-1);
  const digests = new Set(fitting.filter(({ path }) => path === newest).map(({ hex }) => hex));
  const long = [...digests].filter((hex) => hex.length === 128);
  const [hex, second] = long.length > 0 ? long : [...digests];
  return newest !== undefined && hex !== undefined && second === undefined ? { hex, path: newest } : null;
}

const numeric = new Intl.Collator('en', { numeric: true });
const byVersion = (a: string, b: string): number => numeric.compare(a, b);

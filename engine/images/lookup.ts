/** Finding an image by what a person typed. */
import { GuesthouseError } from '../contract/errors.ts';
import type { ImageRecord } from './records.ts';

const MIN_PREFIX = 6;

/** `:latest` may be left out. */
export function tagged(ref: string): string {
  return ref.lastIndexOf(':') > ref.lastIndexOf('/') ? ref : `${ref}:latest`;
}

/** By name first, then id or id prefix. Throws `not-found`, or `invalid` for a prefix that fits several. */
export function findImage(records: Iterable<ImageRecord>, ref: string): ImageRecord {
  const all = [...records];
  const wanted = tagged(ref);
  const named = all.find((record) => record.names.includes(wanted));
  if (named) return named;

  const hex = ref.replace(/^sha256:/, '');
  if (hex.length >= MIN_PREFIX && /^[0-9a-f]{1,64}$/.test(hex)) {
    const fitting = all.filter((record) => record.id.startsWith(`sha256:${hex}`));
    if (fitting.length === 1) return fitting[0] as ImageRecord;
    if (fitting.length > 1)
      throw new GuesthouseError({
        code: 'invalid',
        message: `${fitting.length} images have an id that begins with ${hex}.`,
        subject: ref,
        hint: 'Give more digits of the id, or the name.',
      });
  }
  const shown = ref.length > 80 ? `${ref.slice(0, 80)}…` : ref;
  throw new GuesthouseError({
    code: 'not-found',
    message: `There is no image ${JSON.stringify(shown)}.`,
    subject: shown,
    hint: hint(all, ref),
  });
}

/** The same for a name a Containerfile gives; with and without the host Docker leaves out. Never throws. */
export function findOrNull(records: Iterable<ImageRecord>, ref: string): ImageRecord | null {
  const all = [...records];
  const short = ref.replace(/^(?:docker\.io\/(?:library\/)?|localhost\/)/, '');
  const wanted = [ref, short, `docker.io/library/${short}`, `docker.io/${short}`].map(tagged);
  return all.find(({ names }) => names.some((name) => wanted.includes(name))) ?? null;
}

function hint(all: readonly ImageRecord[], ref: string): string {
  const names = all.map((record) => record.names[0] as string);
  const base = (name: string) => name.slice(name.lastIndexOf('/') + 1).replace(/:.*$/, '');
  const near = names.filter((name) => distance(base(name), base(ref).slice(0, 64)) <= 2);
  if (near.length > 0) return `Did you mean ${near.slice(0, 3).join(' or ')}?`;
  if (/^debian(:|$)/.test(ref)) return 'Run `guesthouse image build debian:12`.';
  if (names.length === 0 || /^busybox(:|$)/.test(ref)) return 'Run `guesthouse image build busybox`.';
  return `There are: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}.`;
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

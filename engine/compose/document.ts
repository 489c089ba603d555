/** A compose file as plain values that know where they stand, so that every error names its line. */
import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml';
import { GuesthouseError } from '../contract/errors.ts';

/** Larger than any file a person writes (characters). */
const MAX_TEXT = 1024 * 1024;
/** How often aliases may repeat what they stand for: a file of a kilobyte can otherwise mean terabytes. */
const MAX_ALIASES = 100;
const MAX_DEPTH = 64;

/** A value of the file and how to say what is wrong with it. */
export interface Field {
  readonly value: unknown;
  /** `services.web.ports.0`; empty for the whole file. */
  readonly path: string;
  /** The value below; `undefined` as its value when it is not there. */
  at(key: string | number): Field;
  /** Keys of a map, in order. Throws for anything else than a map or nothing. */
  entries(): (readonly [string, Field])[];
  /** Members of a list. Throws for anything else than a list. */
  items(): Field[];
  /** An error at this place. */
  wrong(message: string, hint?: string): GuesthouseError;
  /** This is a feature of Compose that is not here. */
  unsupported(hint?: string): GuesthouseError;
}

const placed = new WeakSet<object>();
/** Whether an error says already where in the file it is. */
export const hasPlace = (error: object): boolean => placed.has(error);

/** `mapText` is applied to every text value (not to keys). Throws `invalid` or `bad-data` naming the line. */
export function readDocument(text: string, name: string, mapText: (text: string, field: Field) => string): Field {
  const fail = (message: string, line?: number) =>
    new GuesthouseError({
      code: 'invalid',
      message: `${name}${line ? `:${line}` : ''}: ${message}`,
      subject: name,
      hint: 'See the Compose specification for how it is written.',
    });
  if (text.length > MAX_TEXT) throw fail('The file is larger than 1 MiB.');
  const lines = new LineCounter();
  let document: Document.Parsed;
  let plain: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, strict: true });
    const [first] = document.errors;
    if (first) throw fail(`This is not YAML: ${sentence(first.message)}`, lines.linePos(first.pos[0]).line);
    plain = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof GuesthouseError) throw error;
    if (error instanceof RangeError) throw fail('The file is nested too deeply.');
    if (error instanceof ReferenceError) throw fail(`The file repeats itself too often: ${sentence(error.message)}`);
    throw fail(`This is not YAML: ${sentence((error as Error).message)}`);
  }
  const lineOf = (path: readonly (string | number)[]) => lineAt(document, lines, path) ?? undefined;

  const field = (value: unknown, path: readonly (string | number)[]): Field => {
    if (path.length > MAX_DEPTH) throw fail('The file is nested too deeply.', lineOf(path));
    const where = path.join('.');
    const said = (code: 'invalid' | 'unsupported', message: string, hint?: string) => {
      const line = lineOf(path);
      const error = new GuesthouseError({
        code,
        message: `${name}${line ? `:${line}` : ''}: ${message}`,
        subject: where || name,
        ...(hint === undefined ? {} : { hint }),
      });
      placed.add(error);
      return error;
    };
    const self: Field = {
      value: undefined,
      path: where,
      at: (key) => {
        const within = value !== null && typeof value === 'object' && Object.hasOwn(value, key);
        return field(within ? (value as Record<string | number, unknown>)[key] : undefined, [...path, key]);
      },
      entries() {
        if (value === undefined || value === null) return [];
        if (typeof value !== 'object' || Array.isArray(value))
          throw self.wrong(`${where || 'The file'} needs names and values.`);
        return Object.keys(value).map((key) => [key, self.at(key)] as const);
      },
      items() {
        if (!Array.isArray(value)) throw self.wrong(`${where} needs a list.`);
        return value.map((_, index) => self.at(index));
      },
      wrong: (message, hint) => said('invalid', message, hint),
      unsupported: (hint = 'Leave it out, or do it with a command of its own.') =>
        said('unsupported', `${where} is not supported here.`, hint),
    };
    return { ...self, value: typeof value === 'string' ? mapText(value, self) : value };
  };
  return field(plain, []);
}

/** Line of the key (or list member) a path leads to, or of the nearest thing above it that is written there itself. */
function lineAt(document: Document.Parsed, lines: LineCounter, path: readonly (string | number)[]): number | null {
  let node: unknown = document.contents;
  let offset: number | undefined = isNode(node) ? node.range?.[0] : undefined;
  for (const key of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
      );
      if (!pair) break;
      offset = isNode(pair.key) ? pair.key.range?.[0] : offset;
      next = pair.value;
    } else if (isSeq(node)) {
      next = node.items[Number(key)];
      offset = isNode(next) ? (next.range?.[0] ?? offset) : offset;
    } else break;
    node = next;
  }
  return offset === undefined ? null : lines.linePos(offset).line;
}

function sentence(text: string): string {
  const first = (text.split('\n')[0] ?? '').replace(/:$/, '');
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

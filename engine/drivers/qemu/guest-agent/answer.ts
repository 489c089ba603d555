/**
 * Reads one answer of an agent: a line of JSON, after whatever a former conversation left. The guest writes what it
 * likes, as much as it likes. Pure.
 */

/** What the agent puts before its answer to guest-sync-delimited, and takes as the end of half a request. */
export const DELIMITER = 0xff;

export type Answer =
  | { readonly kind: 'return'; readonly value: unknown }
  | { readonly kind: 'error'; readonly reason: string }
  /** Not what was asked for: too long, or no JSON. */
  | { readonly kind: 'garbage'; readonly why: string };

const MAX_REASON = 500;

export class AnswerReader {
  readonly #maxBytes: number;
  readonly #afterDelimiter: boolean;
  #delimited = false;
  #chunks: Buffer[] = [];
  #length = 0;

  /** `afterDelimiter`: everything before the last delimiter is skipped, however much it is. */
  constructor(maxBytes: number, afterDelimiter: boolean) {
    this.#maxBytes = maxBytes;
    this.#afterDelimiter = afterDelimiter;
  }

  /** The answer once it is whole; null: more is to come. */
  push(bytes: Buffer): Answer | null {
    let rest = bytes;
    if (this.#afterDelimiter) {
      const at = rest.lastIndexOf(DELIMITER);
      if (at >= 0) {
        this.#delimited = true;
        this.#chunks = [];
        this.#length = 0;
        rest = rest.subarray(at + 1);
      }
      if (!this.#delimited) return null;
    }
    for (;;) {
      const end = rest.indexOf(10);
      const part = end < 0 ? rest : rest.subarray(0, end);
      this.#length += part.length;
      if (this.#length > this.#maxBytes) return { kind: 'garbage', why: `It is longer than ${this.#maxBytes} bytes.` };
      this.#chunks.push(part);
      if (end < 0) return null;
      const line = Buffer.concat(this.#chunks).toString('utf8').trim();
      this.#chunks = [];
      this.#length = 0;
      rest = rest.subarray(end + 1);
      if (line !== '') return parse(line);
    }
  }
}

function parse(line: string): Answer {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'garbage', why: 'It is no JSON.' };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'garbage', why: 'It is no object.' };
  if ('error' in value) {
    const { desc } = (value.error ?? {}) as { desc?: unknown };
    return { kind: 'error', reason: plain(typeof desc === 'string' ? desc : 'no reason given', MAX_REASON) };
  }
  if ('return' in value) return { kind: 'return', value: value.return };
  return { kind: 'garbage', why: 'It is neither an answer nor an error.' };
}

/** A guest's words for a person: without control characters, and not too many. */
export function plain(text: string, maxLength: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they come from the guest and are shown to a person
  return text.slice(0, maxLength).replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');
}

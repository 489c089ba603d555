/**
 * Keeps the direction of names to themselves. A file or a snapshot may be called in Arabic or Hebrew, or with characters
 * that turn text around (Unicode's UAX #9); put into a sentence as it is, it would rewrite the sentence.
 */

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
/** What stands for a character that would turn the text around. */
const SHOWN = '\ufffd';
/** Letters written from right to left, and the marks of direction. Nothing else needs keeping apart in our languages. */
const TURNS = /[\p{Bidi_Control}\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** The text as it may stand in a sentence. Most texts come back as they are: the marks are in no test and no copy. */
export function apart(text: string): string {
  return TURNS.test(text) ? `${FIRST_STRONG_ISOLATE}${tame(text)}${POP_ISOLATE}` : text;
}

/** The text where it stands alone: nothing in it turns what it is not, and what would is to be seen. */
export function tame(text: string): string {
  if (!TURNS.test(text)) return text;
  let open = 0;
  const tamed = text.replace(/[\u202a-\u202e\u2066-\u2069]/g, (mark) => {
    if (mark < '\u2066') return SHOWN;
    if (mark !== POP_ISOLATE) open += 1;
    else if (open === 0) return SHOWN;
    else open -= 1;
    return mark;
  });
  return tamed + POP_ISOLATE.repeat(open);
}

type Word = (...args: unknown[]) => unknown;
const done = new WeakSet<Word>();

/** The words of a group, its sentences keeping apart what they are given; in place, so that whoever holds it has them. */
export function keepingApart<T extends object>(words: T): T {
  const group = words as Record<string, unknown>;
  for (const [key, word] of Object.entries(group)) {
    if (typeof word === 'function') group[key] = sentence(word as Word);
    else if (
      typeof word === 'object' &&
      word !== null &&
      !Array.isArray(word) &&
      !Object.isFrozen(word) &&
      !isModule(word)
    )
      keepingApart(word);
  }
  return words;
}

function sentence(word: Word): Word {
  if (done.has(word)) return word;
  const kept: Word = (...args) => {
    // Most have none to keep apart, and lists ask for thousands of words a second.
    for (let at = 0; at < args.length; at++) {
      const given = args[at];
      if (typeof given === 'string') args[at] = apart(given);
      else if (Array.isArray(given)) args[at] = given.map((one) => (typeof one === 'string' ? apart(one) : one));
    }
    return word(...args);
  };
  // How many things it is given is part of what it is; translations are compared by it.
  Object.defineProperty(kept, 'length', { value: word.length });
  done.add(kept);
  return kept;
}

/** `import * as format`: what makes numbers is no word, and cannot be changed. */
const isModule = (it: object): boolean => Object.prototype.toString.call(it) === '[object Module]';

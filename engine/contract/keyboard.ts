/**
 * Keyboards of guests: which keys type a text. Layouts are named as xkb names them (X keyboard extension, `symbols`), and hold
 * what its data say of a keyboard with 105 keys; `ch` is the Swiss German one.
 */

/**
 * What each key has plain, with shift and with AltGr, in the order of KEYS; a blank: nothing. A combining mark (U+0300 and on)
 * stands for a dead key, which puts that mark on the letter that follows.
 */
const LAYOUTS = {
  us: ["`1234567890-=qwertyuiop[]asdfghjkl;'\\ zxcvbnm,./", '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"| ZXCVBNM<>?', ''],
  gb: [
    "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./",
    '¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?',
    '|¹²³€½¾{[]}\\\u0327@ſe¶ŧ←↓→øþ\u0308\u0303æßðđŋħ ĸł\u0301\u0302\u0300|«»¢„“”µ•·',
  ],
  de: [
    '\u03021234567890ß\u0301qwertzuiopü+asdfghjklöä#<yxcvbnm,.-',
    '°!"§$%&/()=?\u0300QWERTZUIOPÜ*ASDFGHJKLÖÄ\'>YXCVBNM;:_',
    '′¹²³¼½¬{[]}\\\u0327@ſ€¶ŧ←↓→øþ\u0308~æſðđŋħ ĸł\u030b\u0302’|»«¢„“”µ·…–',
  ],
  ch: [
    "§1234567890'\u0302qwertzuiopü\u0308asdfghjklöä$<yxcvbnm,.-",
    '°+"*ç%&/()=?\u0300QWERTZUIOPè!ASDFGHJKLéà£>YXCVBNM;:_',
    '¬|@#¼½¬|¢]}\u0301\u0303@ſ€¶ŧ←↓→œþ[]æßðđŋħ ĸł\u0301{}\\«»¢„“”µ•·',
  ],
  fr: [
    '²&é"\'(-è_çà)=azertyuiop\u0302$qsdfghjklmù*<wxcvbn,;:!',
    '~1234567890°+AZERTYUIOP\u0308£QSDFGHJKLM%µ>WXCVBN?./§',
    '¬¹~#{[|`\\^@]}æ«€¶ŧ←↓→øþ\u0308¤@ßðđŋħ ĸłµ\u0302\u0300|ł»¢„“”\u0301•·',
  ],
  be: [
    '²&é"\'(§è!çà)-azertyuiop\u0302$qsdfghjklmùµ<wxcvbn,;:=',
    '³1234567890°_AZERTYUIOP\u0308*QSDFGHJKLM%£>WXCVBN?./+',
    '¬|@#¼½^{[{}\\\u0327@ſ€¶ŧ←↓→œþ[]æßðđŋħ ĸł\u0301\u0301\u0300\\«»¢„“”\u0327•·\u0303',
  ],
  es: [
    "º1234567890'¡qwertyuiop\u0300+asdfghjklñ\u0301ç<zxcvbnm,.-",
    'ª!"·$%&/()=?¿QWERTYUIOP\u0302*ASDFGHJKLÑ\u0308Ç>ZXCVBNM;:_',
    '\\|@#~½¬{[]}\\\u0327@ſ€¶ŧ←↓→øþ[]æßðđŋħ ĸł\u0303{}|«»¢„“”µ•·',
  ],
  it: [
    "\\1234567890'ìqwertyuiopè+asdfghjklòàù<zxcvbnm,.-",
    '|!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§>ZXCVBNM;:_',
    '¬¹²³¼½¬{[]}`~@ſ€¶ŧ←↓→øþ[]æßðđŋħ ĸł@#\u0300««»¢“”ñµ\u0301·\u0304',
  ],
  pt: [
    "\\1234567890'«qwertyuiop+\u0301asdfghjklçº\u0303<zxcvbnm,.-",
    '|!"#$%&/()=?»QWERTYUIOP*\u0300ASDFGHJKLÇª\u0302>ZXCVBNM;:_',
    '¬¹@£§½¬{[]}\\\u0327@ſ€¶ŧ←↓→øþ\u0308\u0303æßðđŋħ ĸł\u0301\u0302\u0300\\«»¢„“”µ•·',
  ],
  br: [
    "'1234567890-=qwertyuiop\u0301[asdfghjklç\u0303]\\zxcvbnm,.;/",
    '"!@#$%\u0308&*()_+QWERTYUIOP\u0300{ASDFGHJKLÇ\u0302}|ZXCVBNM<>:?',
    '¬¹²³£¢¬{[]}\\§/?°®ŧ←↓→øþ´ªæßðđŋħ ĸł\u0301~º\u030c«»©„“”µ•· °',
  ],
  dk: [
    "½1234567890+\u0301qwertyuiopå\u0308asdfghjklæø'<zxcvbnm,.-",
    '§!"#¤%&/()=?\u0300QWERTYUIOPÅ\u0302ASDFGHJKLÆØ*>ZXCVBNM;:_',
    '¾¡@£$½¥{[]}±|@ſ€®þ←↓→œþ\u0308\u0303ªßðđŋħ ĸł\u0301\u0302\u030b\\«»©„“”µ\u0327·',
  ],
  no: [
    "|1234567890+\\qwertyuiopå\u0308asdfghjkløæ'<zxcvbnm,.-",
    '§!"#¤%&/()=?\u0300QWERTYUIOPÅ\u0302ASDFGHJKLØÆ*>ZXCVBNM;:_',
    '¦¡@£$½¥{[]}±\u0301@ſ€®þ←↓→œπ\u0308\u0303ªßðđŋħ ĸł\u0301\u0302\u030b½«»©„“”µ\u0327…–',
  ],
  se: [
    "§1234567890+\u0301qwertyuiopå\u0308asdfghjklöä'<zxcvbnm,.-",
    '½!"#¤%&/()=?\u0300QWERTYUIOPÅ\u0302ASDFGHJKLÖÄ*>ZXCVBNM;:_',
    '¶¡@£$€¥{[]}\\±@ſ€®þ←↓→œþ\u0308\u0303ªßðđŋħ ĸłøæ´|«»©„“”µ\u0327·',
  ],
  fi: [
    "§1234567890+\u0301qwertyuiopå\u0308asdfghjklöä'<zxcvbnm,.-",
    '½!"#¤%&/()=?\u0300QWERTYUIOPÅ\u0302ASDFGHJKLÖÄ*>ZXCVBNM;:_',
    '  @£$‰‚{[]}\\\u0327qw€rþyuıœ \u030b\u0303əßðfghjĸ øæ\u030c|ʒ×cvbŋµ’ –',
  ],
  pl: [
    "`1234567890-=qwertyuiop[]asdfghjkl;'\\ zxcvbnm,./",
    '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"| ZXCVBNM<>?',
    '¬≠²³¢€½§·«»–\u0327πœę©ß←↓→óþ\u0308\u0303ąśðæŋ’ə…ł\u0301\u0302\u0300 żźć„”ńµ≤≥',
  ],
} satisfies Record<string, readonly [string, string, string]>;

export type KeyboardLayout = keyof typeof LAYOUTS;
export const KEYBOARD_LAYOUTS = Object.keys(LAYOUTS) as KeyboardLayout[];
export const DEFAULT_LAYOUT: KeyboardLayout = 'us';

/** Keys by their place, named as `KeyboardEvent.code` does, which names them as a US keyboard has them. */
export const KEYS: readonly string[] = [
  ...['Backquote', ...[...'1234567890'].map((digit) => `Digit${digit}`), 'Minus', 'Equal'],
  ...[...[...'QWERTYUIOP'].map((letter) => `Key${letter}`), 'BracketLeft', 'BracketRight'],
  ...[...[...'ASDFGHJKL'].map((letter) => `Key${letter}`), 'Semicolon', 'Quote', 'Backslash'],
  ...['IntlBackslash', ...[...'ZXCVBNM'].map((letter) => `Key${letter}`), 'Comma', 'Period', 'Slash', 'IntlRo'],
];

/** One key pressed and let go of. */
export interface KeyPress {
  /** As in `KeyboardEvent.code`. */
  readonly code: string;
  readonly shift: boolean;
  readonly altGr: boolean;
}

export interface Typed {
  readonly presses: readonly KeyPress[];
  /** Characters without a key, each once, in their order; what is typed leaves them out. */
  readonly missing: readonly string[];
}

/** Line ends become Enter, a tab Tab; other control characters have no key. */
export function keysOf(text: string, layout: KeyboardLayout): Typed {
  const keys = keysByCharacter(layout);
  const presses: KeyPress[] = [];
  const missing = new Set<string>();
  for (const character of text.normalize('NFC').replace(/\r\n?/g, '\n')) {
    const found = keys.get(character) ?? composed(character, keys);
    if (found) presses.push(...found);
    else missing.add(character);
  }
  return { presses, missing: [...missing] };
}

/** What a dead key types by itself, followed by a blank. */
const ALONE: Readonly<Record<string, string>> = {
  '`': '\u0300',
  '´': '\u0301',
  '^': '\u0302',
  '~': '\u0303',
  '¨': '\u0308',
  '¸': '\u0327',
};

const SPACE: KeyPress = { code: 'Space', shift: false, altGr: false };

/** By a dead key and what it goes on. */
function composed(character: string, keys: ReadonlyMap<string, readonly KeyPress[]>): readonly KeyPress[] | null {
  const alone = ALONE[character];
  const [base, mark, more] = alone === undefined ? character.normalize('NFD') : [' ', alone];
  const [dead, letter] = [keys.get(mark ?? ''), keys.get(base ?? '')];
  return dead && letter && more === undefined ? [...dead, ...letter] : null;
}

const known = new Map<KeyboardLayout, ReadonlyMap<string, readonly KeyPress[]>>();

function keysByCharacter(layout: KeyboardLayout): ReadonlyMap<string, readonly KeyPress[]> {
  const before = known.get(layout);
  if (before) return before;
  const keys = new Map<string, readonly KeyPress[]>([
    [' ', [SPACE]],
    ['\n', [{ ...SPACE, code: 'Enter' }]],
    ['\t', [{ ...SPACE, code: 'Tab' }]],
  ]);
  // The plainest way to type it.
  for (const [level, characters] of LAYOUTS[layout].entries())
    for (const [index, character] of [...characters].entries())
      if (!keys.has(character))
        keys.set(character, [{ code: KEYS[index] as string, shift: level === 1, altGr: level === 2 }]);
  known.set(layout, keys);
  return keys;
}

/**
 * What a guest may ask of the terminal. Two rules: while old output is replayed nothing is answered, or the program
 * would read the answers as typed now; and the clipboard and the window's title are never the guest's.
 */
import type { IDisposable, IParser } from '@xterm/xterm';

/** Control sequences that make a terminal answer: device attributes, status, modes, version, keyboard flags. */
const ASKING_CSI = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
  { prefix: '>', final: 'q' },
  { prefix: '?', final: 'u' },
] as const;
/** Commands that set a colour, or ask for one with `?`. */
const ASKING_OSC = [4, 10, 11, 12];
const OSC_CLIPBOARD = 52;

/** @param replaying whether what is parsed now is old. @param onRefused the guest reached for the clipboard. */
export function keepQuiet(parser: IParser, replaying: () => boolean, onRefused: () => void): IDisposable[] {
  return [
    ...ASKING_CSI.map((id) => parser.registerCsiHandler(id, () => replaying())),
    ...ASKING_OSC.map((code) => parser.registerOscHandler(code, (data) => replaying() && data.includes('?'))),
    parser.registerDcsHandler({ intermediates: '$', final: 'q' }, () => replaying()),
    parser.registerDcsHandler({ intermediates: '+', final: 'q' }, () => replaying()),
    parser.registerOscHandler(OSC_CLIPBOARD, () => {
      if (!replaying()) onRefused();
      return true;
    }),
  ];
}

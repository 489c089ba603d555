/**
 * Counts in escape sequences, held to what the screen has. xterm.js does each of a thousand million times one by one, and a
 * guest that asks for it would stop the whole window: more lines than the screen has scroll nothing more.
 */
import type { Terminal } from '@xterm/xterm';

type Screen = Pick<Terminal, 'rows' | 'cols'>;

const rows = ({ rows }: Screen): number => rows;
const columns = ({ cols }: Screen): number => cols;

/** The most that means something, by the last character of the sequence. */
const MOST: Readonly<Record<string, (screen: Screen) => number>> = {
  L: rows, // insert lines
  M: rows, // delete lines
  S: rows, // scroll up
  T: rows, // scroll down
  I: columns, // forward by tabs
  Z: columns, // back by tabs
  b: (screen) => screen.rows * screen.cols, // repeat the last character
};

/** What xterm.js hands to its own handlers; the public ones get a copy, which changes nothing. */
interface Core {
  registerCsiHandler(id: { final: string }, handler: (parameters: { readonly params: Int32Array }) => boolean): unknown;
}

/** Makes the terminal's own handlers see bounded counts. */
export function boundCounts(xterm: Terminal): void {
  const core = (xterm as unknown as { _core: Core })._core;
  for (const [final, most] of Object.entries(MOST))
    core.registerCsiHandler({ final }, ({ params }) => {
      params[0] = Math.min(params[0] ?? 0, most(xterm));
      return false;
    });
}

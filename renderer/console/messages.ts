/** Words of the consoles. */
import type { ConsoleKind } from '../../engine/contract/index.ts';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const count = new Intl.NumberFormat('en-GB');
const lines = (n: number): string => (n === 1 ? '1 line' : `${count.format(n)} lines`);

export const m = {
  consoles: 'Consoles',
  pane: (index: number, of: number): string =>
    of === 1 ? 'Consoles' : index === 0 ? 'Left consoles' : 'Right consoles',
  /** Beside the guest's name on a tab. */
  kind: (kind: ConsoleKind, title = ''): string =>
    ({ main: 'main', serial: 'ttyS0', display: 'display', exec: title || 'shell', log: 'log' })[kind],
  kindLong: (kind: ConsoleKind): string =>
    ({ main: 'Main program', serial: 'Serial console', display: 'Display', exec: 'New shell', log: 'Log' })[kind],
  kindHint: (kind: ConsoleKind): string =>
    ({
      main: 'what the container was started for',
      serial: 'first serial line',
      display: 'its screen',
      exec: 'a further program',
      log: 'what it wrote so far',
    })[kind],
  newConsole: 'New console (Ctrl T)',
  noGuests: 'There is no guest yet.',
  notRunning: 'not running',
  closeNamed: (name: string): string => `Close ${name}`,
  closeTab: (name: string): string => `Close ${name}; the program goes on`,
  search: 'Search (Ctrl F)',
  split: 'Split (Ctrl \\)',
  join: 'Join the two sides',
  popOut: 'Open in its own window',
  maximise: 'Maximise the consoles',
  restore: 'Back to the former height',
  hide: 'Hide the consoles (Ctrl J)',
  more: 'More',
  endProgram: (title: string): string => `End ${title}`,
  screenReader: 'Screen reader support',
  emptyDock: 'A console is a tab here',
  emptyDockHint: 'It stays when you look at another guest, and closing it ends nothing.',
  emptyPane: 'Choose a console for this side.',
  choose: 'Open a console',

  opening: 'Opening the console',
  lost: 'The link to the engine is lost.',
  lostHint: 'The program goes on; what it writes is shown as soon as the link is back.',
  ended: (code: number | null): string =>
    code === null ? 'The program ended.' : `The program ended with exit code ${code}.`,
  start: (name: string): string => `Start ${name}`,
  starting: (name: string): string => `Starting ${name}`,
  again: 'Run it again',
  newShell: 'New shell',
  openAgain: 'Open again',
  close: 'Close',
  gone: 'This shell is no more.',
  goneHint: 'Its program ended, or the guest was restarted since.',
  stopped: (name: string): string => `${name} is not running. This is what it wrote last.`,
  stoppedDisplay: (name: string): string => `${name} is not running`,
  stoppedDisplayHint: 'Its screen appears as soon as it starts.',
  clipboardRefused: 'The guest tried to change your clipboard. It was refused.',
  copied: 'Copied',
  terminalOf: (name: string, kind: string): string => `${name}, ${kind}`,

  pasteTitle: (n: number): string => `Paste ${lines(n)}?`,
  pasteRemoved: (n: number): string =>
    n === 1
      ? 'One control character was taken out of it.'
      : `${count.format(n)} control characters were taken out of it.`,
  pasteHint: 'Each line end may run what stands before it.',
  paste: 'Paste',
  dontPaste: 'Leave it',
  linkTitle: 'The guest shows a link to another address than its text says.',
  openLink: 'Open it',
  dontOpen: 'Leave it',
  linkBlocked: 'not a web address; it is not opened',
  linkOpens: (target: string): string => `Opens ${target}`,

  find: 'Search',
  findLog: 'Search the log',
  previous: 'Previous match (Shift F3)',
  next: 'Next match (F3)',
  closeSearch: 'Close the search (Esc)',
  matches: (at: number, of: number): string => (of === 0 ? 'none' : at < 0 ? `${of}` : `${at + 1} of ${of}`),

  logTools: 'Log',
  logOf: (name: string): string => `Log of ${name}`,
  follow: 'Follow new lines',
  wrap: 'Wrap long lines',
  save: 'Save the whole log',
  following: 'Following',
  followStopped: (at: number): string => `Following stopped at ${clock.format(at)}`,
  newLines: (n: number): string => (n === 1 ? '1 new line' : `${count.format(n)} new lines`),
  kept: (n: number): string => `${lines(n)}`,
  keptOf: (n: number): string => `the last ${lines(n)}`,
  logEmpty: (name: string): string => `${name} has written nothing yet`,
  logEnded: (code: number | null): string => (code === null ? 'The log is complete.' : `Ended with exit code ${code}.`),
  logFailed: 'The log could not be read.',

  displayTools: 'Display',
  scale: 'Scale',
  fit: 'Fit',
  actual: '1:1',
  ctrlAltDel: 'Ctrl+Alt+Del',
  moreKeys: 'More key combinations',
  hold: (key: string): string => `Hold ${key}`,
  pasteKeys: 'Type the clipboard as keystrokes, as on a US keyboard',
  typing: (left: number): string => `Typing, ${count.format(left)} characters left`,
  stopTyping: 'Stop',
  clipboardDenied: 'The browser does not let this page read the clipboard.',
  screenshot: 'Screenshot',
  fullScreen: 'Full screen',
  shownAt: (width: number, height: number, percent: number): string =>
    `${width} × ${height}${percent === 100 ? '' : ` shown at ${percent} %`}`,
  connecting: 'Connecting to the display',
  disconnected: 'The display was disconnected.',
  notVnc: 'It sent something that is no screen.',
  connect: 'Connect again',
  screenOf: (name: string): string => `Screen of ${name}. Keys and pointer go to the guest.`,
};

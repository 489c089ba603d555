/** Consoles of the fake engine: a log that was written once and a shell that echoes, both as real streams. */
import { type ConsoleSession, type Guest, GuesthouseError } from '../../engine/contract/index.ts';

/** Where what a stream brings goes to, as the bridge gives it. */
interface Sink {
  bytes(bytes: Uint8Array): void;
  control(message: unknown): void;
  credit(bytes: number): void;
}

const LINES: readonly (readonly [level: string, text: string])[] = [
  ['\x1b[2minfo \x1b[0m', 'GET /orders?page=2 200 11 ms'],
  ['\x1b[2minfo \x1b[0m', 'POST /orders 201 24 ms id=8846'],
  ['\x1b[33mwarn \x1b[0m', 'pool: 18 of 20 connections in use'],
  ['\x1b[2minfo \x1b[0m', 'GET /healthz 200 2 ms'],
  ['\x1b[31merror\x1b[0m', 'POST /orders 503 501 ms: pool timeout'],
];
const COUNT = 40;

function logText(now: number, withTimes: boolean): string {
  return Array.from({ length: COUNT }, (_, n) => {
    const [level, text] = LINES[n % LINES.length] as (typeof LINES)[number];
    const time = withTimes ? `${new Date(now - (COUNT - n) * 700).toISOString()} ` : '';
    return `${time}${level} ${text}\n`;
  }).join('');
}

/** `engine.open` for consoles and logs; whatever else there is says that it is not there. */
export function fakeConsoles(now: number, find: (guest: string) => Guest) {
  return async (kind: string, args: { guest?: string; timestamps?: boolean }, sink: Sink) => {
    if ((kind !== 'console' && kind !== 'logs') || args.guest === undefined)
      throw new GuesthouseError({ code: 'unsupported', message: 'The fake engine has no such stream.', subject: kind });
    const guest = find(args.guest);
    const machine = guest.isolation !== 'container';
    const prompt = `\x1b[1;32mroot@${guest.name}\x1b[0m:/# `;
    const first =
      kind === 'logs'
        ? logText(now, args.timestamps ?? false)
        : `${prompt}uname -sm\r\nLinux x86_64\r\n${prompt}ls /\r\nbin  dev  etc  home  proc  root  sys  tmp  usr  var\r\n${prompt}`;
    const opened: ConsoleSession | { guestId: string } =
      kind === 'logs'
        ? { guestId: guest.id }
        : {
            id: `${guest.id}:main`,
            guestId: guest.id,
            kind: machine ? 'serial' : 'main',
            title: machine ? 'ttyS0' : 'main',
            tty: true,
            startedAt: now,
            exitCode: null,
            ended: false,
          };
    let isTold = false;
    return {
      opened,
      // Nothing is said before the window is told what it opened.
      grant: () => {
        if (isTold) return;
        isTold = true;
        const bytes = new TextEncoder().encode(first);
        if (kind === 'console') sink.control({ type: 'replay', bytes: bytes.length });
        sink.bytes(bytes);
      },
      control: () => {},
      bytes: (bytes: Uint8Array) => {
        sink.credit(bytes.length);
        sink.bytes(new TextEncoder().encode(new TextDecoder().decode(bytes).replaceAll('\r', `\r\n${prompt}`)));
      },
      close: () => {},
    };
  };
}

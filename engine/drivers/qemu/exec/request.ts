/** What a further program in a guest is told: a shell fragment, as at start (guest-config.ts), for the file `session`. */
import { GuesthouseError } from '../../../contract/errors.ts';
import type { ImageConfig } from '../../../contract/image.ts';
import type { ExecRequest, GuestRecord } from '../../driver.ts';
import { commandLine, guestConfig, quoted, setWords } from '../guest-config.ts';

const SHELLS = '/bin/bash /usr/bin/bash /bin/sh /usr/bin/sh /bin/ash';
/** Where init puts its busybox in the guest's root (assets/guest-init/init), and links to its tools on request. */
const OWN = '/dev/.guesthouse';
export const OWN_BUSYBOX = `${OWN}/busybox`;
const BORROWED_PATH = `${OWN}/bin`;
/** A terminal's size until a window says its own, and what the kernel takes. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const MAX_SIDE = 1000;

/** Pure. Throws `invalid` for what no program can be given. */
export function renderExec(spec: GuestRecord['spec'], image: ImageConfig, request: ExecRequest): string {
  const { command, borrowed } = request;
  const asked = {
    ...spec,
    entrypoint: [],
    command,
    user: request.user ?? spec.user,
    workingDir: request.workingDir ?? spec.workingDir,
    mounts: [],
  };
  const { user, directory, env } = guestConfig(asked, image, null);
  const merged = new Map<string, string>(env.map(parted));
  if (!request.tty) merged.delete('TERM');
  for (const entry of request.env) merged.set(...parted(entry));
  const path = merged.get('PATH');
  if (borrowed && path !== undefined) merged.set('PATH', `${path}:${BORROWED_PATH}`);
  const words = command.length > 0 ? setWords(command) : borrowed ? setWords([`${BORROWED_PATH}/sh`]) : null;
  return [
    `user=${quoted(user)}`,
    `directory=${quoted(directory)}`,
    ...(borrowed ? ['borrowed=yes'] : []),
    ...(words === null ? [`shells=${quoted(SHELLS)}`] : []),
    ...commandLine(
      [...merged].map(([name, value]) => `${name}=${value}`),
      words ?? 'set -- "$shell"',
    ),
    '',
  ].join('\n');
}

/** The line and what follows it that `session` reads first. Pure. */
export function openingOf(token: string, { tty, columns, rows }: ExecRequest, fragment: string): Buffer {
  const bytes = Buffer.from(fragment);
  const size = `${side(columns, DEFAULT_COLUMNS)} ${side(rows, DEFAULT_ROWS)}`;
  return Buffer.concat([Buffer.from(`${token} ${tty ? 'tty' : 'plain'} ${size} ${bytes.length}\n`), bytes]);
}

export function side(wish: number, otherwise = 1): number {
  return Math.min(MAX_SIDE, Math.max(0, Math.trunc(wish)) || otherwise);
}

function parted(entry: string): [string, string] {
  const match = /^([^=\0\n]+)=([^\0]*)$/.exec(entry);
  if (match) return [match[1] as string, match[2] as string];
  throw new GuesthouseError({
    code: 'invalid',
    message: 'The environment has an entry that is not NAME=value.',
    subject: JSON.stringify(entry.slice(0, 80)),
  });
}

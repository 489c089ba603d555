/**
 * What an opened system wrote into its logs. The journal is read by the system's own journalctl inside the rescue machine: no
 * program of the host reads files of a disk nobody vouches for.
 */
import { GuesthouseError, toErrorShape } from '../../../contract/errors.ts';
import type { RescueLog } from '../../../contract/rescue.ts';
import { guestPath } from '../../../guest-files/paths.ts';
import { type GuestTools, textOf } from '../../../guest-files/tools.ts';
import type { OpenedRescue } from './opened.ts';

export const JOURNAL = 'journal';
const LOGS = '/var/log';
const JOURNALS = ['/var/log/journal', '/run/log/journal'];
const MAX_LOGS = 200;
/** Of what is answered in one piece (bytes). */
const MAX_BYTES = 1024 * 1024;
const JOURNAL_TIMEOUT_MS = 120_000;
/** Packed and older ones are for the file browser. */
const NOT_READ = /\.(?:gz|xz|zst|bz2|old|\d+)$|journal|(?:^|\/)(?:wtmp|btmp|lastlog|faillog|tallylog)$/;

/** The newest first, the journal before them. */
export async function listLogs(tools: GuestTools): Promise<readonly RescueLog[]> {
  const journals = await found(tools, JOURNALS[0] as string, ['-name', '*.journal'], '3');
  const plain = (await found(tools, LOGS, [], '2')).filter(({ name }) => !NOT_READ.test(name.slice(LOGS.length + 1)));
  plain.sort((a, b) => b.modifiedAt - a.modifiedAt);
  const journal =
    journals.length === 0
      ? []
      : [
          {
            name: JOURNAL,
            sizeBytes: journals.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
            modifiedAt: Math.max(...journals.map(({ modifiedAt }) => modifiedAt)),
          },
        ];
  return [...journal, ...plain].slice(0, MAX_LOGS);
}

export interface LastLines {
  /** `journal`, or a path in the system. */
  readonly name: string;
  readonly lines: number;
  readonly signal: AbortSignal;
}

/** Its last lines, or less of them than asked where they are very long. */
export async function lastLog(rescue: OpenedRescue, { name, lines, signal }: LastLines): Promise<string> {
  if (name === JOURNAL) return lastOfJournal(rescue, lines, signal);
  const text = await textOf(rescue.tools().tool(['tail', '-n', String(lines), guestPath(name)], { signal }));
  return text.subarray(-MAX_BYTES).toString('utf8');
}

async function lastOfJournal(rescue: OpenedRescue, lines: number, signal: AbortSignal): Promise<string> {
  const words = ['journalctl', '-D', JOURNALS[0] as string, '-n', String(lines), '--no-pager', '-o', 'short-iso', '-q'];
  try {
    const text = await rescue.own(words, { signal, timeoutMs: JOURNAL_TIMEOUT_MS });
    return text.subarray(-MAX_BYTES).toString('utf8');
  } catch (error) {
    if (signal.aborted || rescue.signal.aborted) throw error;
    throw new GuesthouseError({
      code: 'unsupported',
      message: 'The journal cannot be read.',
      subject: JOURNAL,
      cause: toErrorShape(error).cause ?? toErrorShape(error).message,
      hint: "It is read by the system's own journalctl, which has to be there and of this host's architecture.",
    });
  }
}

/** Regular files below a folder; nothing where there is none. */
async function found(tools: GuestTools, folder: string, tests: readonly string[], depth: string): Promise<RescueLog[]> {
  const find = ['find', folder, '-maxdepth', depth, '-type', 'f', ...tests, '-print0'];
  const listed = await tools.text(find, { okCodes: [0, 1] }).catch(() => Buffer.alloc(0));
  const paths = listed
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '' && !/[\n\ufffd]/.test(path));
  if (paths.length === 0) return [];
  const few = paths.slice(0, MAX_LOGS * 2);
  const answer = await tools.text(['stat', '-c', '%s %Y %n', ...few], { okCodes: [0, 1] });
  return answer
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [, size, seconds, name] = /^(\d+) (-?\d+) (\/.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [{ name, sizeBytes: Number(size), modifiedAt: Number(seconds) * 1000 }];
    });
}

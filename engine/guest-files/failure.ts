/** What the words of a tool mean, in one sentence. Pure. */
import { type ErrorCode, GuesthouseError } from '../contract/errors.ts';

/** Texts of the C library in the language C. The first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, ErrorCode, (path: string) => string])[] = [
  [
    /No such file or directory|Path does not exist|cannot find the (file|path)/,
    'not-found',
    (path) => `There is no ${path}.`,
  ],
  [/Not a directory/, 'invalid', (path) => `${path} is no folder.`],
  [/[Ii]s a directory/, 'invalid', (path) => `${path} is a folder.`],
  [/File exists/, 'conflict', (path) => `There is something at ${path} already.`],
  [/Read-only file system/, 'denied', (path) => `${path} cannot be written: its file system is read-only.`],
  [/No space left|Disk quota/, 'resources', (path) => `There is no space left for ${path}.`],
  [/resource busy/, 'conflict', (path) => `${path} is where another file system is mounted.`],
  [/cross-device link/, 'unsupported', (path) => `What is copied reaches from ${path} into another file system.`],
  [/Too many (levels of )?symbolic links/, 'invalid', (path) => `Links in ${path} lead round in a circle.`],
  [/File name too long/, 'invalid', () => 'A file name is too long.'],
  [/Permission denied|Operation not permitted/, 'denied', (path) => `${path} cannot be reached.`],
];

const HINTS: Partial<Record<ErrorCode, string>> = {
  'not-found': 'Look at what is in the folder above it: capitals count.',
  unsupported: 'Copy into the folder that is mounted, e.g. a volume, by itself.',
  resources: 'Free some space, then try again.',
};

/** What a tool failed with, said of the path it was asked about; other failures as they are. */
export function fileFailure(error: unknown, path: string): unknown {
  if (!(error instanceof GuesthouseError) || error.cause === undefined) return error;
  // Of a tool, or of a guest's agent that refused.
  if (error.code !== 'internal' && error.code !== 'guest-failed') return error;
  const short = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  for (const [words, code, message] of MEANINGS) {
    if (!words.test(error.cause)) continue;
    const hint = HINTS[code];
    return new GuesthouseError({
      code,
      message: message(short),
      subject: short,
      cause: error.cause,
      ...(hint ? { hint } : {}),
    });
  }
  return error;
}

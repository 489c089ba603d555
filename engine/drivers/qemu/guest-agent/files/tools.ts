/**
 * The guest's own tools, run by its agent. It gives output at their end only, and no more than 16 MiB of it: archives go
 * by way of a file in the guest, which is read or written piece by piece and taken away after.
 */
import { GuesthouseError } from '../../../../contract/errors.ts';
import { COPY_TIMEOUT_MS, packWords, unpackWords } from '../../../../guest-files/bulk.ts';
import { below } from '../../../../guest-files/paths.ts';
import { sweep, temporaryIn } from '../../../../guest-files/temporary.ts';
import type { Bulk, GuestTools } from '../../../../guest-files/tools.ts';
import { cancelled, tail, toolFailed } from '../../../../host/process.ts';
import { execByAgent } from '../acts.ts';
import type { GuestAgent } from '../client.ts';
import { readGuestFile, writeGuestFile } from './handle.ts';

const TOOL_TIMEOUT_MS = 60_000;
/** GNU's `stat` puts names in quotation marks unless told not to; busybox does not know the word. */
const TOOL_ENV = [
  'LC_ALL=C',
  'QUOTING_STYLE=literal',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
];
/** Where an archive on its way out is made; the first that is there. On a disk, where there is more room. */
const ARCHIVE_FOLDERS = ['/var/tmp', '/tmp'];

export function agentTools(agent: GuestAgent): GuestTools {
  const text: GuestTools['text'] = async (args, { signal, timeoutMs = TOOL_TIMEOUT_MS, okCodes = [0] } = {}) => {
    const [name = ''] = args;
    const asked = { command: args, env: TOOL_ENV, input: null, timeoutMs, endOnAbort: true, ...(signal && { signal }) };
    const { code, stdout, stderr, truncated } = await execByAgent(agent, asked).catch((error) => {
      if (signal?.aborted) throw cancelled(name);
      throw lacking(error, name);
    });
    if (code === null || !okCodes.includes(code))
      throw toolFailed(name, tail(stderr.toString()) || 'It was ended.', code ?? 128);
    if (truncated) throw tooMuch(name);
    return stdout;
  };
  const root: GuestTools = {
    text,
    async *tool(args, options) {
      yield await text(args, options);
    },
    bulk: bulk(agent, text),
  };
  return root;
}

function bulk(agent: GuestAgent, text: GuestTools['text']): Bulk {
  const plain: GuestTools = { text, tool: () => Promise.reject() as never };
  const timeoutMs = COPY_TIMEOUT_MS;
  return {
    read: (path, signal) => readGuestFile(agent, path, signal),
    write: (path, request) => writeGuestFile(agent, path, request),
    async *pack(folder, names, signal) {
      const temporary = temporaryIn(plain, await archiveFolder(plain));
      try {
        await text(['mkdir', '-m', '700', temporary.path]);
        const archive = below(temporary.path, 'archive');
        // GNU's answers 1 when a file changed while it was read: a log in use.
        await text([...packWords(archive, folder), ...names], { signal, timeoutMs, okCodes: [0, 1] });
        yield* readGuestFile(agent, archive, signal);
      } finally {
        await temporary.end();
      }
    },
    async unpack(folder, { input, signal, keepOwners }) {
      const temporary = temporaryIn(plain, folder);
      try {
        await writeGuestFile(agent, temporary.path, { input, signal });
        await text(unpackWords(temporary.path, folder, keepOwners), { signal, timeoutMs });
      } finally {
        await temporary.end();
      }
    },
  };
}

async function archiveFolder(root: GuestTools): Promise<string> {
  for (const folder of ARCHIVE_FOLDERS) {
    const swept = await sweep(root, folder).then(
      () => true,
      (error) => {
        if (error instanceof GuesthouseError && error.code === 'internal') return false;
        throw error;
      },
    );
    if (swept) return folder;
  }
  throw new GuesthouseError({
    code: 'unsupported',
    message: 'The guest has no folder for what is on its way.',
    subject: ARCHIVE_FOLDERS.join(', '),
    hint: 'Make /var/tmp in it.',
  });
}

/** Whether the guest's tools are those we know the words of. Throws where nothing answers. */
export async function knowsTools(root: GuestTools): Promise<boolean> {
  try {
    return /^4[0-9a-f]{3}\n$/.test((await root.text(['stat', '-c', '%f', '/'])).toString('latin1'));
  } catch (error) {
    // It may not start programs, has none of this name, or one that understands other words.
    if (error instanceof GuesthouseError && ['unsupported', 'guest-failed', 'internal'].includes(error.code))
      return false;
    throw error;
  }
}

/** The agent's words for a program that is not there would be taken for a file's. */
function lacking(error: unknown, name: string): unknown {
  if (!(error instanceof GuesthouseError) || error.code !== 'guest-failed') return error;
  return new GuesthouseError({
    code: 'unsupported',
    message: `The guest's agent cannot start \`${name}\`.`,
    subject: name,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
    hint: `Install \`${name}\` in the guest, and allow its agent to start programs.`,
  });
}

function tooMuch(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `\`${name}\` says more than the guest's agent keeps.`,
    subject: name,
    hint: 'Look into the folders below it.',
  });
}

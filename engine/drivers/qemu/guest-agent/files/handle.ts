/** A file of the guest, piece by piece, by its agent (guest-file-open and its relatives in QEMU's qga/qapi-schema.json). */
import { GuesthouseError } from '../../../../contract/errors.ts';
import { cancelled } from '../../../../host/process.ts';
import type { GuestAgent } from '../client.ts';
import { PIECE_BYTES } from '../commands.ts';
import { object } from '../facts.ts';

/** What is in a file. Each piece has its own deadline; whoever stops reading closes it. Throws as `execute` does. */
export async function* readGuestFile(agent: GuestAgent, path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const handle = await openGuestFile(agent, path, 'r');
  try {
    yield* piecesOf(agent, handle, signal);
  } finally {
    await close(agent, handle).catch(() => {}); // nothing was written
  }
}

export async function* piecesOf(agent: GuestAgent, handle: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (;;) {
    if (signal.aborted) throw cancelled('guest-file-read');
    const answer = object(await agent.execute('guest-file-read', { handle, count: PIECE_BYTES }));
    const bytes = Buffer.from(typeof answer['buf-b64'] === 'string' ? answer['buf-b64'] : '', 'base64');
    if (answer.count !== bytes.length || bytes.length > PIECE_BYTES) throw nonsense('guest-file-read');
    if (bytes.length > 0) yield bytes;
    // A guest that gives nothing and no end would be asked for ever.
    if (answer.eof === true || bytes.length === 0) return;
  }
}

/** Writes a file anew. When it throws, the file may hold a part of it. */
export async function writeGuestFile(
  agent: GuestAgent,
  path: string,
  { input, signal }: { readonly input: AsyncIterable<Uint8Array>; readonly signal: AbortSignal },
): Promise<void> {
  const writer = await openWriter(agent, path, signal);
  try {
    for await (const bytes of input) await writer.put(bytes);
    await writer.end();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

export interface GuestFileWriter {
  put(bytes: Uint8Array): Promise<void>;
  /** Resolves once all of it is in the guest. */
  end(): Promise<void>;
  /** Leaves the file with what was written; never fails. */
  abandon(): Promise<void>;
}

/** Small pieces go together, large ones are cut: each costs a question and an answer. */
export async function openWriter(agent: GuestAgent, path: string, signal: AbortSignal): Promise<GuestFileWriter> {
  const handle = await openGuestFile(agent, path, 'w');
  let waiting: Uint8Array[] = [];
  let size = 0;
  const write = async (bytes: Buffer) => {
    if (signal.aborted) throw cancelled('guest-file-write');
    const answer = object(await agent.execute('guest-file-write', { handle, 'buf-b64': bytes.toString('base64') }));
    if (answer.count !== bytes.length) throw nonsense('guest-file-write');
  };
  return {
    async put(bytes) {
      waiting.push(bytes);
      size += bytes.length;
      if (size < PIECE_BYTES) return;
      const whole = Buffer.concat(waiting);
      let at = 0;
      for (; whole.length - at >= PIECE_BYTES; at += PIECE_BYTES) await write(whole.subarray(at, at + PIECE_BYTES));
      waiting = [whole.subarray(at)];
      size = whole.length - at;
    },
    async end() {
      if (size > 0) await write(Buffer.concat(waiting));
      if (signal.aborted) throw cancelled('guest-file-write');
      await agent.execute('guest-file-flush', { handle });
      await close(agent, handle);
    },
    abandon: () => close(agent, handle).catch(() => {}),
  };
}

/** As stdio's fopen; throws `guest-failed` with the guest's own words. */
export async function openGuestFile(agent: GuestAgent, path: string, mode: 'r' | 'w'): Promise<number> {
  const handle = await agent.execute('guest-file-open', { path, mode });
  if (!Number.isSafeInteger(handle)) throw nonsense('guest-file-open');
  return handle as number;
}

/** Bytes, by its end; leaves the file at `offset`. */
export async function sizeOfOpen(agent: GuestAgent, handle: number, offset: number): Promise<number> {
  const { position } = object(await agent.execute('guest-file-seek', { handle, offset: 0, whence: 'end' }));
  if (!Number.isSafeInteger(position) || (position as number) < 0) throw nonsense('guest-file-seek');
  await agent.execute('guest-file-seek', { handle, offset, whence: 'set' });
  return position as number;
}

export async function close(agent: GuestAgent, handle: number): Promise<void> {
  await agent.execute('guest-file-close', { handle });
}

function nonsense(command: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: 'The guest agent answers nonsense.',
    subject: command,
    hint: 'Restart the agent’s service in the guest.',
  });
}

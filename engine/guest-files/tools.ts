/**
 * Programs of ours with a guest's root as *their* root: the kernel that runs them resolves every path there, so no link
 * and no exchange of folders in the middle of the act leads out of it. A container's root is one of the host's folders
 * (drivers/oci/files/root.ts), a machine's is mounted in a machine of ours (drivers/qemu/rescue), or asks its guest agent.
 */

export interface ToolOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly input?: AsyncIterable<Uint8Array>;
  /** Exit codes that are not failures; default [0]. */
  readonly okCodes?: readonly number[];
}

export interface GuestTools {
  /**
   * Output of one tool, as busybox and GNU have it, in the language C. Nothing of what it is given is ever run or understood by a shell. Its
   * failure is thrown as `internal`, with its own words as the cause.
   */
  tool(args: readonly string[], options?: ToolOptions): AsyncGenerator<Buffer>;
  /** The same for a short answer. */
  text(args: readonly string[], options?: ToolOptions): Promise<Buffer>;
  /** Left out: tools do it, whose input and output are streams. */
  readonly bulk?: Bulk;
}

export interface BulkInput {
  readonly input: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/** Whatever moves many bytes. Fails as tools do; `signal` ends it. */
export interface Bulk {
  /** What is in a regular file, links not followed further. */
  read(path: string, signal: AbortSignal): AsyncGenerator<Buffer>;
  /** A new file, in a folder that nobody else can enter. */
  write(path: string, request: BulkInput): Promise<void>;
  /** A tar archive of these names in the folder. */
  pack(folder: string, names: readonly string[], signal: AbortSignal): AsyncGenerator<Buffer>;
  /** Unpacks into a folder that is empty, and that nobody else can enter. */
  unpack(folder: string, request: BulkInput & { readonly keepOwners: boolean }): Promise<void>;
}

/** Whose a new file is. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Of what a tool answers in one piece (bytes). */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

export async function textOf(output: AsyncGenerator<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of output) {
    parts.push(part);
    sizeBytes += part.length;
    if (sizeBytes > MAX_TEXT_BYTES) break;
  }
  return Buffer.concat(parts);
}

/**
 * A guest's root folder, and programs of ours that run with it as *their* root: the kernel itself resolves every path
 * there, so no link and no exchange of folders in the middle of the act leads out of it. See decisions/0013.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { cleanEnv } from '../../../host/environment.ts';
import { pipeFrom } from '../../../host/pipe.ts';
import type { House } from '../../../networks/house.ts';
import type { Toolbox } from './toolbox.ts';

/** Not among Node's constants. */
const O_PATH = 0o10000000;
/** What the tools may do beyond what any user may; SYS_CHROOT is for getting in. No device of the guest's is made. */
const RIGHTS = ['chown', 'dac_override', 'fowner', 'fsetid', 'setfcap', 'sys_chroot'];
const TIMEOUT_MS = 30_000;
/** Of what a tool answers in one piece (bytes). */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

export interface ToolOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly input?: AsyncIterable<Uint8Array>;
  readonly okCodes?: readonly number[];
}

export interface GuestRoot {
  /** Open as long as this is: `/proc/self/fd/<fd>` is the guest's root folder for us. */
  readonly fd: number;
  /** Output of one tool of busybox. Nothing of what it is given is ever run or understood by a shell. */
  tool(args: readonly string[], options?: ToolOptions): AsyncGenerator<Buffer>;
  /** The same for a short answer. */
  text(args: readonly string[], options?: ToolOptions): Promise<Buffer>;
  close(): void;
}

/** `path` is one the engine may follow: a folder of ours, or `/proc/<pid>/root`. Throws Node's errors. */
export function openRoot(house: House, toolbox: Toolbox, path: string): GuestRoot {
  const fd = openSync(path, O_PATH | constants.O_DIRECTORY);
  const prefix = [
    ...house.enter({ network: false }),
    'setpriv',
    `--bounding-set=-all,${RIGHTS.map((right) => `+${right}`).join(',')}`,
    '--no-new-privs',
    // Its working folder stays outside of the new root: that is how the program is found there.
    ...['nsenter', '--root=/proc/self/fd/3', `--wd=${toolbox.folder}`, '--', `./${toolbox.program}`],
  ];
  const env = cleanEnv({ LANG: 'C', LC_ALL: 'C' });
  let open = true;

  const root: GuestRoot = {
    fd,
    tool: (args, options = {}) =>
      pipeFrom([...prefix, ...args], {
        timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
        env,
        descriptors: [fd],
        ...(options.signal ? { signal: options.signal } : {}),
        ...(options.input ? { input: options.input } : {}),
        ...(options.okCodes ? { okCodes: options.okCodes } : {}),
      }),
    async text(args, options) {
      const parts: Buffer[] = [];
      let sizeBytes = 0;
      for await (const part of root.tool(args, options)) {
        parts.push(part);
        sizeBytes += part.length;
        if (sizeBytes > MAX_TEXT_BYTES) break;
      }
      return Buffer.concat(parts);
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
  return root;
}

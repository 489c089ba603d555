/** A container's root folder, and programs of ours that run with it as *their* root. See decisions/0013. */
import { closeSync, constants, openSync } from 'node:fs';
import { type GuestTools, textOf } from '../../../guest-files/tools.ts';
import { cleanEnv } from '../../../host/environment.ts';
import { pipeFrom } from '../../../host/pipe.ts';
import type { House } from '../../../networks/house.ts';
import type { Toolbox } from './toolbox.ts';

/** Not among Node's constants. */
const O_PATH = 0o10000000;
/** What the tools may do beyond what any user may; SYS_CHROOT is for getting in. No device of the guest's is made. */
const RIGHTS = ['chown', 'dac_override', 'fowner', 'fsetid', 'setfcap', 'sys_chroot'];
const TIMEOUT_MS = 30_000;
export interface GuestRoot extends GuestTools {
  /** Open as long as this is: `/proc/self/fd/<fd>` is the guest's root folder for us. */
  readonly fd: number;
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
    text: (args, options) => textOf(root.tool(args, options)),
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
  return root;
}

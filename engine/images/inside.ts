/** What the store does inside the house, where the owners of an image's files are what the image says. */
import { readFile } from 'node:fs/promises';
import { GuesthouseError } from '../contract/errors.ts';
import { run } from '../host/process.ts';
import type { House } from '../networks/house.ts';

export interface Inside {
  /** Files inside belong to subordinate ids; the overlay is mounted with `userxattr`. */
  readonly rootless: boolean;
  /** Only one id exists inside (no subordinate ids): files cannot have owners of their own. */
  singleId(): Promise<boolean>;
  ensure(): Promise<void>;
  /** Words before a command line: user and mount namespaces, the host's network. After `ensure` only. */
  prefix(): readonly string[];
  /** Removes a folder whoever owns what is in it. Nothing there is fine. Never cancelled. */
  removeTree(path: string): Promise<void>;
  /** Bytes on disk of everything below. */
  diskUse(path: string, signal?: AbortSignal): Promise<number>;
  /** The same for many folders, in their order; 0 for one that is not there. */
  diskUses(paths: readonly string[]): Promise<number[]>;
  /** Makes everything below survive a loss of power. */
  sync(path: string, signal?: AbortSignal): Promise<void>;
}

const REMOVE_TIMEOUT_MS = 10 * 60_000;
/** Named on one command line, far below what the kernel takes. */
const PATHS_AT_ONCE = 500;

export function createInside(house: House): Inside {
  const prefix = () => house.enter({ network: false });
  return {
    rootless: process.getuid?.() !== 0,
    async singleId() {
      // uid_map: first id inside, first id outside, how many (user_namespaces(7)).
      const map = await readFile(`/proc/${house.pid}/uid_map`, 'utf8').catch(() => '');
      const ids = map.split('\n').map((line) => Number(line.trim().split(/\s+/)[2] ?? 0));
      return map !== '' && ids.reduce((sum, count) => sum + count, 0) === 1;
    },
    ensure: () => house.ensure(),
    prefix,
    async removeTree(path) {
      await house.ensure();
      await run([...prefix(), 'rm', '-rf', '--one-file-system', '--', path], { timeoutMs: REMOVE_TIMEOUT_MS });
    },
    async diskUse(path, signal) {
      const { stdout } = await run([...prefix(), 'du', '-s', '-x', '-B1', '--', path], { signal, timeoutMs: 600_000 });
      return Number.parseInt(stdout, 10) || 0;
    },
    async diskUses(paths) {
      const found = new Map<string, number>();
      for (let at = 0; at < paths.length; at += PATHS_AT_ONCE) {
        const some = paths.slice(at, at + PATHS_AT_ONCE);
        const argv = [...prefix(), 'du', '-s', '-x', '-0', '-B1', '--', ...some];
        // It goes on after what it cannot look at, and says so with its exit code.
        const { stdout } = await run(argv, { timeoutMs: 600_000, okCodes: [0, 1] });
        for (const line of stdout.split('\0')) {
          const [bytes = '', path = ''] = line.split('\t');
          found.set(path, Number.parseInt(bytes, 10) || 0);
        }
      }
      return paths.map((path) => found.get(path) ?? 0);
    },
    async sync(path, signal) {
      await run([...prefix(), 'sync', '-f', '--', path], { signal, timeoutMs: 600_000 });
    },
  };
}

/** Passes a stream on and gives up after `limitMs`. */
export async function* bounded<T>(source: AsyncIterable<T>, limitMs: number): AsyncGenerator<T> {
  const end = performance.now() + limitMs;
  for await (const piece of source) {
    if (performance.now() > end)
      throw new GuesthouseError({ code: 'timeout', message: `Unpacking took more than ${limitMs / 60_000} minutes.` });
    yield piece;
  }
}

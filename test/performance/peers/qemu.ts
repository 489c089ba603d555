/** Bare QEMU: the machine the engine starts, with its sockets taken away and the serial line on standard output. */
import { copyFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../../../engine/host/child.ts';
import { cleanEnv } from '../../../engine/host/process.ts';
import { commandLine } from '../home.ts';

/** The command line of the running machine whose arguments mention this text (the guest's id). */
export function findMachine(text: string): string[] | null {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const argv = commandLine(Number(pid));
    // Not what leads into the house: the machine's own words begin with QEMU.
    if (!argv?.[0]?.includes('qemu-system') || !argv.some((word) => word.includes(text))) continue;
    return withPaths(argv, (name) => readlinkSync(`/proc/${pid}/${name}`));
  }
  return null;
}

/** Names the files that the machine was handed as descriptors, or finds in its working folder. `link`: of /proc/<pid>. */
export function withPaths(argv: readonly string[], link: (name: string) => string): string[] {
  const sets = new Map<string, string>();
  for (const word of argv) {
    const [, set, path] = /^fd=\d+,set=(\d+),opaque=(.*)$/.exec(word) ?? [];
    if (set && path) sets.set(set, path);
  }
  return argv.map((word) =>
    word
      .replace(/\/dev\/fdset\/(\d+)/g, (name, set) => sets.get(set) ?? name)
      .replace(/^\/proc\/self\/(fd\/\d+)$/, (_, name) => link(name))
      .replace(/^(name=opt\/guesthouse\/config,file=)(?=[^/])/, (start) => `${start}${link('cwd')}/`),
  );
}

const TAKEN_AWAY = new Set(['-add-fd', '-mon', '-qmp', '-vnc', '-pidfile', '-daemonize']);
const WITHOUT_VALUE = new Set(['-daemonize']);

/**
 * Every device stays. Character devices become the terminal (the serial line) or nothing (all others), so the guest
 * finds the same hardware. Pure. `files`: paths to be replaced by those of copies, which outlive the guest.
 */
export function bareArgv(argv: readonly string[], files: ReadonlyMap<string, string>): string[] {
  const out: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string;
    if (TAKEN_AWAY.has(word)) {
      if (!WITHOUT_VALUE.has(word)) index++;
      continue;
    }
    if (word === '-chardev') {
      const value = argv[++index] as string;
      const id = /(?:^|,)id=([^,]*)/.exec(value)?.[1];
      if (id === 'qmp') continue;
      out.push(word, id === 'serial' ? 'stdio,id=serial,signal=off' : `null,id=${id}`);
      continue;
    }
    out.push([...files].reduce((text, [from, to]) => text.replaceAll(from, to), word));
  }
  return out;
}

/** A bare machine with files of its own. */
export interface BareCopy {
  readonly argv: readonly string[];
  readonly disk: string;
  /** What the disk is before each start. */
  readonly fresh: string;
  readonly config: string;
}

/**
 * The running machine of a guest, to be started bare once it was ended: `take` copies what goes with its run, as often as
 * is wished, by number.
 */
export async function bareMachine(
  context: { readonly folder: string },
  guest: string,
): Promise<{ argv: readonly string[]; take(copy: number): BareCopy }> {
  const argv = findMachine(guest);
  if (!argv) throw new Error('The machine that was started cannot be found.');
  const disk = fileIn(argv, /"filename":"([^"]*\.qcow2)"/);
  const config = fileIn(argv, /^name=opt\/guesthouse\/config,file=(.*)$/);
  const [fresh, kept] = ['fresh.qcow2', 'config'].map((name) => join(context.folder, name)) as [string, string];
  // Its config goes with its run.
  copyFileSync(config, kept);
  let isCopied = false;
  return {
    argv,
    take(copy) {
      // Once nobody writes to it.
      if (!isCopied) copyFileSync(disk, fresh);
      isCopied = true;
      const own = join(context.folder, `run-${copy}.qcow2`);
      const files = new Map([
        [disk, own],
        [config, kept],
      ]);
      return { argv: bareArgv(argv, files), disk: own, fresh, config: kept };
    },
  };
}

function fileIn(argv: readonly string[], pattern: RegExp): string {
  const found = argv.map((word) => pattern.exec(word)?.[1]).find((path) => path !== undefined);
  if (found === undefined) throw new Error(`Nothing like ${pattern} in ${argv.join(' ')}`);
  return found;
}

/** From the start of QEMU to the first whole line on the serial port (ms). QEMU is ended then, once `until` is over. */
export function timeFirstLine(
  argv: readonly string[],
  disk: string,
  fresh: string,
  timeoutMs: number,
  until: () => Promise<unknown> = async () => {},
): Promise<number> {
  copyFileSync(fresh, disk);
  return new Promise((resolve, reject) => {
    const started = performance.now();
    // As the engine starts programs: a fork of this process would count for QEMU.
    const child = startChild(argv, { env: cleanEnv(), stdio: ['pipe', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let said = '';
    let ms: number | null = null;
    child.stdio[1]?.on('data', (chunk: Buffer) => {
      if (ms !== null || !chunk.includes(10)) return;
      ms = performance.now() - started;
      void until().finally(() => child.kill('SIGKILL'));
    });
    child.stdio[2]?.on('data', (chunk) => {
      said += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      if (ms !== null) resolve(ms);
      else reject(new Error(`QEMU said nothing on its serial line (exit ${code}): ${said.trim().slice(-500)}`));
    });
  });
}

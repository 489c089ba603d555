/** The bare OCI runtime: the bundle the engine makes, run with nothing around it. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readRunRecord } from '../../../engine/drivers/oci/run-record.ts';
import { startChild } from '../../../engine/host/child.ts';
import { guestRunFolder } from '../../../engine/host/paths.ts';
import { cleanEnv } from '../../../engine/host/process.ts';
import { findProgram } from '../../../engine/host/tools.ts';
import type { Engine } from '../../../engine/index.ts';
import type { BenchContext } from '../harness.ts';
import { type BenchHome, createGuest } from '../home.ts';

export interface BareBundle {
  /** Words that lead into the house, the path of the runtime, words before its command. */
  readonly runtime: readonly string[];
  /** `runc 1.1.5`. */
  readonly label: string;
  readonly bundle: string;
  /** A plain copy of the container's root. */
  readonly rootfs: string;
}

const GROUPS = '/sys/fs/cgroup';

interface Config {
  process: { terminal: boolean; args: string[]; consoleSize?: unknown };
  root: { path: string; readonly: boolean };
  mounts: { source: string; destination: string; type?: string; options?: string[] }[];
  linux: { namespaces: { type: string; path?: string }[]; cgroupsPath?: string };
}

/**
 * The runtimes of this host that run the bundle: first the quickest that does so by itself, and then the engine's choice
 * in the engine's house, where that one only works there (groups.ts).
 *
 * Starts one container, takes its root and its config.json, and makes a bundle of them that needs nothing of ours.
 */
export async function bareBundles(
  context: BenchContext,
  home: BenchHome,
  engine: Engine,
  command: readonly string[],
): Promise<readonly [BareBundle, ...BareBundle[]]> {
  const guest = await createGuest(engine, {
    isolation: 'container',
    image: 'busybox',
    command: ['sleep', '600'],
    network: 'none',
  });
  await engine.call('guests.start', { guest: guest.id });
  const folder = guestRunFolder(home.paths, guest.id);
  const pid = readRunRecord(folder)?.main.pid;
  if (pid === undefined) throw new Error('The container has no run record.');
  const bundle = join(context.folder, 'bundle');
  const rootfs = join(bundle, 'rootfs');
  mkdirSync(rootfs, { recursive: true });
  // Its own file system only: what is mounted into it, the runtime mounts again.
  execFileSync('cp', ['-ax', `/proc/${pid}/root/.`, rootfs]);
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Config;
  config.process.terminal = false;
  delete config.process.consoleSize;
  config.process.args = [...command];
  config.root.path = 'rootfs';
  for (const namespace of config.linux.namespaces) if (namespace.type === 'network') delete namespace.path;
  // Every run has its own, as guests have.
  delete config.linux.cgroupsPath;
  // What the engine mounts for it where the runtime cannot is the runtime's own to do.
  config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith(GROUPS));
  config.mounts.push({
    destination: GROUPS,
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'ro'],
  });
  for (const mount of config.mounts) {
    if (!mount.source?.startsWith('/') || !existsSync(mount.source)) continue;
    const copy = join(bundle, 'etc', mount.destination);
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(mount.source, copy, { recursive: true });
    mount.source = copy;
  }
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  await engine.call('guests.remove', { guest: guest.id, force: true });
  const { probe } = JSON.parse(readFileSync(join(home.paths.cache, 'container-runtime.json'), 'utf8')) as {
    probe: { choice: { path: string; args: string[]; label: string } };
  };
  const { path, args, label } = probe.choice;
  const chosen = { runtime: [path, ...args], label, bundle, rootfs };
  const house = JSON.parse(readFileSync(join(home.paths.run, 'house.json'), 'utf8')) as { pid: number };
  const inside = {
    ...chosen,
    runtime: ['nsenter', '-t', String(house.pid), '-m', '--', ...chosen.runtime],
    label: `${label}, in the house`,
  };
  const others = ['crun', 'runc'].flatMap((name) => {
    const found = findProgram(name);
    return found === null ? [] : [{ ...chosen, runtime: [found], label: labelOf(found) }];
  });
  for (const bare of [chosen, ...others.filter((one) => one.label !== label)]) {
    const works = await timeRun(bare, join(context.folder, 'trial'), `gh-bench-trial-${process.pid}`).catch(() => null);
    if (works !== null) return bare === chosen ? [bare] : [bare, inside];
  }
  throw new Error('No runtime of this host runs the bundle by itself.');
}

function labelOf(program: string): string {
  const text = execFileSync(program, ['--version'], { encoding: 'utf8' });
  return `${basename(program)} ${/(\d+\.\d+(?:\.\d+)*)/.exec(text)?.[1] ?? ''}`.trim();
}

/** `runc run` from its start to its exit (ms); it deletes the container before it exits. Rejects unless it exits with 0. */
export function timeRun({ runtime, bundle }: BareBundle, root: string, id: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    // As the engine starts programs: a fork of this process would count for the runtime.
    const child = startChild([...runtime, '--root', root, 'run', '--bundle', bundle, id], {
      env: cleanEnv(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stdio[2]?.on('data', (chunk) => {
      said += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      const ms = performance.now() - started;
      if (code === 0) resolve(ms);
      else reject(new Error(`${runtime.join(' ')} run exited with ${code}: ${said.trim()}`));
    });
  });
}

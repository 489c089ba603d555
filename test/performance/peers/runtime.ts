/** The bare OCI runtime: the bundle the engine makes, run with nothing around it. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readRunRecord } from '../../../engine/drivers/oci/run-record.ts';
import { startChild } from '../../../engine/host/child.ts';
import { guestRunFolder } from '../../../engine/host/paths.ts';
import { cleanEnv } from '../../../engine/host/process.ts';
import type { Engine } from '../../../engine/index.ts';
import type { BenchContext } from '../harness.ts';
import { type BenchHome, createGuest } from '../home.ts';

export interface BareBundle {
  /** Path of the runtime the engine's probe chose. */
  readonly runtime: string;
  /** Words before its command, as the engine gives them. */
  readonly args: readonly string[];
  /** `runc 1.1.5`. */
  readonly label: string;
  readonly bundle: string;
  /** A plain copy of the container's root. */
  readonly rootfs: string;
}

interface Config {
  process: { terminal: boolean; args: string[]; consoleSize?: unknown };
  root: { path: string; readonly: boolean };
  mounts: { source: string; destination: string }[];
  linux: { namespaces: { type: string; path?: string }[]; cgroupsPath?: string };
}

/** Starts one container, takes its root and its config.json, and makes a bundle of them that needs nothing of ours. */
export async function bareBundle(
  context: BenchContext,
  home: BenchHome,
  engine: Engine,
  command: readonly string[],
): Promise<BareBundle> {
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
  return { runtime: probe.choice.path, args: probe.choice.args, label: probe.choice.label, bundle, rootfs };
}

/** `runc run` from its start to its exit (ms); it deletes the container before it exits. Rejects unless it exits with 0. */
export function timeRun({ runtime, args, bundle }: BareBundle, root: string, id: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    // As the engine starts programs: a fork of this process would count for the runtime.
    const child = startChild([runtime, ...args, '--root', root, 'run', '--bundle', bundle, id], {
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
      else reject(new Error(`${runtime} run exited with ${code}: ${said.trim()}`));
    });
  });
}

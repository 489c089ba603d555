/**
 * Which runtime runs containers here: found by really running one in the house, first with limits, then without. The
 * answer is kept per boot and per version of the binaries. GUESTHOUSE_RUNTIME overrides the choice, not the trial.
 */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import { privateFolder, readJson, writeAtomic } from '../../host/files.ts';
import type { Paths } from '../../host/paths.ts';
import { cleanEnv, run } from '../../host/process.ts';
import { bootId } from '../../host/process-ref.ts';
import { NO_CONFIG } from '../../images/config.ts';
import type { House } from '../../networks/house.ts';
import { buildBundle, type CgroupView } from './bundle.ts';
import { boundingOf } from './capabilities.ts';
import { type CgroupPlan, planCgroups, removeEmptyParents, removeGroups } from './cgroup.ts';
import { runtimeWords } from './failure.ts';
import { processSpec, rightsOf } from './process-spec.ts';
import { seccompFor } from './seccomp.ts';

const TRIAL_TIMEOUT_MS = 20_000;
/** crun first: where it works it is the faster one. */
const CANDIDATES = ['crun', 'runc'] as const;
/** Changed whenever the trial asks for something else. */
const TRIAL_VERSION = 5;

export interface RuntimeChoice {
  readonly path: string;
  /** Words before its command, besides `--root`. */
  readonly args: readonly string[];
  /** `runc 1.1.5` */
  readonly label: string;
  /** Parent of the containers' control groups; null: limits are not enforced, `reason` says why. */
  readonly cgroupParent: string | null;
  readonly swapLimit: boolean;
  /** How a container sees its own control groups. */
  readonly cgroupView: CgroupView;
  /** Whether disk traffic can be limited, and then whether also what goes through the page cache. */
  readonly ioLimit: 'all' | 'direct' | 'none';
  readonly limitsReason: string | null;
  readonly limitsFix: string | null;
}

/** The outcome of all trials. */
export interface RuntimeProbe {
  readonly choice: RuntimeChoice | null;
  /** Why candidates were passed over: `crun 1.8.1: cgroups in hybrid mode not supported`. */
  readonly refused: readonly string[];
  readonly conmon: { readonly path: string; readonly label: string; readonly noSyncLog: boolean } | null;
  /** Why there is no conmon to work with. */
  readonly conmonReason: string | null;
}

export async function probeRuntime(paths: Paths, house: House, fresh: boolean): Promise<RuntimeProbe> {
  const override = process.env.GUESTHOUSE_RUNTIME;
  const candidates = (override ? [override] : [...CANDIDATES])
    .map((name) => ({ name, path: findProgram(name) }))
    .filter((one): one is { name: string; path: string } => one.path !== null);
  const conmonPath = findProgram('conmon');
  const key = JSON.stringify([
    TRIAL_VERSION,
    bootId(),
    process.getuid?.() ?? 0,
    override ?? '',
    ...[...candidates.map(({ path }) => path), ...(conmonPath ? [conmonPath] : [])].map((path) => [
      path,
      statSync(path).mtimeMs,
    ]),
  ]);
  const cacheFile = join(paths.cache, 'container-runtime.json');
  const cached = fresh ? null : await readJson<{ key: string; probe: RuntimeProbe }>(cacheFile).catch(() => null);
  if (cached?.key === key) return cached.probe;

  const conmon = await probeConmon(conmonPath);
  const refused = override && candidates.length === 0 ? [`${override} (GUESTHOUSE_RUNTIME): not found`] : [];
  let choice: RuntimeChoice | null = null;
  const plan = await planCgroups(process.getuid?.() ?? 0);
  const usable = await house.ensure().then(
    () => candidates,
    (error) => {
      for (const { name } of candidates) refused.push(`${name}: ${toErrorShape(error).message}`);
      return [];
    },
  );
  for (const withLimits of plan.parent === null ? [false] : [true, false]) {
    for (const { path } of choice ? [] : usable) {
      const label = await programLabel(path);
      const failure = await trial(paths, house, path, withLimits ? plan : null);
      if (failure === null) {
        choice = chosen(path, label, plan, withLimits);
        break;
      }
      refused.push(`${label}${withLimits ? '' : ' (without limits)'}: ${failure}`);
    }
  }
  const probe = { choice, refused, ...conmon };
  await privateFolder(paths.cache);
  // A failure may be cured without any of the binaries changing, so only successes are kept. On a full disk it is tried
  // again next time.
  if (choice && probe.conmon) await writeAtomic(cacheFile, JSON.stringify({ key, probe })).catch(() => {});
  return probe;
}

function chosen(path: string, label: string, plan: CgroupPlan, limited: boolean): RuntimeChoice {
  const reason =
    plan.reason ??
    'CPU, memory, process and disk limits are not enforced on this host: the runtime could not set them.';
  return {
    path,
    args: globalArgs(path, limited),
    label,
    cgroupParent: limited ? plan.parent : null,
    swapLimit: plan.swap,
    cgroupView: cgroupView(path, limited ? plan : null),
    ioLimit: !limited || !plan.io ? 'none' : plan.unified ? 'all' : 'direct',
    limitsReason: limited ? null : reason,
    limitsFix: limited ? null : plan.fix,
  };
}

/**
 * Without limits crun is told to leave control groups alone: it would refuse to work beside some arrangements of them
 * that it does not need then. runc does so by itself.
 */
function globalArgs(path: string, limited: boolean): string[] {
  return !limited && basename(path) === 'crun' ? ['--cgroup-manager=disabled'] : [];
}

/** crun up to 1.8 at least shows groups of version 1 writable, whatever it is told: a guest could lift its own limits. */
function cgroupView(path: string, plan: CgroupPlan | null): CgroupView {
  if (plan === null) return [];
  return plan.unified || basename(path) !== 'crun' ? 'runtime' : plan.hierarchies;
}

/** In folders the trial can see; the first on PATH may be a link in somebody's own folder. */
const TRUE = ['/usr/bin/true', '/bin/true'];

/** Runs `true` of the host in a container whose root shows the host's program folders read-only. null: it worked. */
async function trial(paths: Paths, house: House, runtime: string, plan: CgroupPlan | null): Promise<string | null> {
  const id = `trial-${randomBytes(4).toString('hex')}`;
  const folder = join(paths.run, id);
  const root = join(folder, 'rootfs');
  mkdirSync(root, { recursive: true, mode: 0o700 });
  try {
    const mounts = programFolders(root).map((path) => ({ source: path, target: path, readOnly: true, flags: [] }));
    for (const file of ['hosts', 'hostname', 'resolv.conf']) writeFileSync(join(folder, file), '');
    const nothing = { capabilities: { add: [], drop: [] }, noNewPrivileges: true, ulimits: [] };
    const rights = rightsOf(nothing, house.pid === null ? null : boundingOf(house.pid));
    const config = buildBundle({
      process: processSpec({
        args: [TRUE.find((path) => existsSync(path)) ?? findProgram('true') ?? '/bin/true'],
        tty: false,
        identity: { uid: 0, gid: 0, groups: [], home: '/' },
        image: NO_CONFIG,
        hostname: 'trial',
        env: [],
        rights,
      }),
      hostname: 'trial',
      rootPath: root,
      readOnlyRoot: false,
      networkPath: null,
      etcFolder: folder,
      mounts,
      tmpfs: [],
      tmpfsMib: 1,
      devices: [],
      makesNodes: true,
      initPath: null,
      seccomp: seccompFor({ arch: process.arch, capabilities: rights.capabilities.bounding }),
      cgroupView: cgroupView(runtime, plan),
      limits: plan ? { cpus: 1, memoryMib: 256, pids: 64, swap: plan.swap, io: null } : null,
      cgroupsPath: plan?.parent ? `${plan.parent}/${id}` : null,
      manyIds: hasManyIds(house),
    });
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const args = globalArgs(runtime, plan !== null);
    const words = [runtime, ...args, '--root', join(folder, 'state'), 'run', '--bundle', folder, id];
    await run(words, { inside: house.inside({ network: false }), timeoutMs: TRIAL_TIMEOUT_MS });
    return null;
  } catch (error) {
    const { message, cause } = toErrorShape(error);
    const remains = [
      runtime,
      ...globalArgs(runtime, plan !== null),
      '--root',
      join(folder, 'state'),
      'delete',
      '--force',
      id,
    ];
    await run(remains, { inside: house.inside({ network: false }), timeoutMs: TRIAL_TIMEOUT_MS }).catch(() => {});
    return runtimeWords(cause ?? message);
  } finally {
    // A runtime that failed while it joined them has left them behind.
    if (plan?.parent) await removeGroups(`${plan.parent}/${id}`);
    if (plan?.parent) removeEmptyParents(plan.parent);
    await rm(folder, { recursive: true, force: true });
  }
}

/** The host's folders with programs and libraries; merged ones are links, which are copied into the trial's root. */
function programFolders(root: string): string[] {
  const folders: string[] = [];
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'nix']) {
    const path = `/${name}`;
    if (!existsSync(path)) continue;
    if (lstatSync(path).isSymbolicLink()) symlinkSync(readlinkSync(path), join(root, name));
    else folders.push(path);
  }
  return folders;
}

async function probeConmon(path: string | null): Promise<Pick<RuntimeProbe, 'conmon' | 'conmonReason'>> {
  if (path === null) return { conmon: null, conmonReason: 'The program conmon is not installed.' };
  try {
    const help = (await run([path, '--help'], { timeoutMs: TRIAL_TIMEOUT_MS })).stdout;
    if (!help.includes('--full-attach')) {
      return { conmon: null, conmonReason: 'This conmon is too old: it does not know --full-attach.' };
    }
    const label = await programLabel(path);
    return { conmon: { path, label, noSyncLog: help.includes('--no-sync-log') }, conmonReason: null };
  } catch (error) {
    return { conmon: null, conmonReason: toErrorShape(error).message };
  }
}

async function programLabel(path: string): Promise<string> {
  const name = basename(path);
  const text = await run([path, '--version'], { timeoutMs: TRIAL_TIMEOUT_MS }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return `${name} ${/(\d+\.\d+(?:\.\d+)*)/.exec(text)?.[1] ?? '(version unknown)'}`;
}

function findProgram(name: string): string | null {
  if (name.startsWith('/')) return existsSync(name) ? name : null;
  for (const folder of (cleanEnv().PATH ?? '').split(delimiter)) {
    if (folder.startsWith('/') && existsSync(join(folder, name))) return join(folder, name);
  }
  return null;
}

/** Whether the house has more ids than its own (subordinate ids, or root). */
export function hasManyIds(house: House): boolean {
  const map = readFileSync(`/proc/${house.pid}/gid_map`, 'latin1').trim().split('\n');
  return map.some((line) => Number(line.trim().split(/\s+/)[2]) > 1);
}

/** Throws `missing-tool` with what to install, or `unsupported` with why nothing works. */
export function requireRuntime(probe: RuntimeProbe): {
  choice: RuntimeChoice;
  conmon: NonNullable<RuntimeProbe['conmon']>;
} {
  if (probe.choice && probe.conmon) return { choice: probe.choice, conmon: probe.conmon };
  const { reason, fix } = shortcoming(probe);
  throw new GuesthouseError({
    code: probe.choice || probe.refused.length === 0 ? 'missing-tool' : 'unsupported',
    message: reason,
    hint: fix,
  });
}

function otherRuntime(refused: readonly string[]): string {
  const missing = CANDIDATES.filter((name) => !refused.some((line) => line.startsWith(name)));
  const ways = ['mend what they complain of', 'set GUESTHOUSE_RUNTIME to the path of another one'];
  if (missing.length > 0) return `Install the package ${missing.join(' or ')}, ${ways.join(', or ')}.`;
  return `Both are installed: ${ways.join(', or ')}. GUESTHOUSE_RUNTIME=crun or =runc tries that one alone.`;
}

/** What keeps containers from running, as a sentence, and what to do. */
export function shortcoming(probe: RuntimeProbe): { reason: string; fix: string } {
  if (!probe.choice && probe.refused.length === 0) {
    return {
      reason: 'No container runtime is installed: neither crun nor runc was found.',
      fix: 'Install the package crun or runc.',
    };
  }
  if (!probe.choice) {
    return {
      reason: `No container runtime works here. ${probe.refused.join('; ')}.`,
      fix: otherRuntime(probe.refused),
    };
  }
  return { reason: probe.conmonReason ?? 'conmon does not work here.', fix: 'Install the package conmon.' };
}

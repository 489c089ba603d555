/** Containers: an overlay of image layers in the house, made by crun or runc, held by conmon. */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import { guestFolder, guestRunFolder } from '../../host/paths.ts';
import { signalProcess } from '../../host/process-ref.ts';
import { memberOf } from '../../networks/members.ts';
import type { Driver, DriverContext, GuestRecord, Running } from '../driver.ts';
import { boundingOf } from './capabilities.ts';
import { cgroupFolders, removeEmptyParents } from './cgroup.ts';
import { changedLayer } from './changed-layer.ts';
import { dataPowers } from './data.ts';
import { describeRun } from './describe.ts';
import { deviceNodes } from './devices.ts';
import { containerCapability, containerFindings, type OverlayLack } from './doctor.ts';
import { attachEarly } from './endpoint.ts';
import { adoptExecs, endExec, execEndpoint, execIn } from './exec.ts';
import { diskOf } from './io-limits.ts';
import { applyLimits, LIVE_FIELDS, planLimits, readLimit, writeLimit } from './live-limits.ts';
import { holdLog, removeLog } from './log-files.ts';
import { mainEndpoint } from './main-endpoint.ts';
import { sourceFlags } from './mounts.ts';
import { setPaused } from './paused.ts';
import { createPoller } from './poller.ts';
import { asAsked } from './process-spec.ts';
import { createReach } from './reach.ts';
import { makeRootfsFolders, mountRootfs, removeRootfs, rootfsFolders, unmountRootfs } from './rootfs.ts';
import { confinement, initOf } from './run-options.ts';
import { isRunning, RUN_RECORD, readExit, readRunRecord } from './run-record.ts';
import { createRuns, type Run } from './runs.ts';
import { probeRuntime, type RuntimeProbe, requireRuntime } from './runtime.ts';
import { containerSnapshots, removeContainerSnapshots } from './snapshots.ts';
import { logFile, prepareStart } from './start.ts';
import { killRun, stopRun } from './stop.ts';
import { topOf } from './top.ts';

/** Not a guest's id: 12 zeros are never drawn for one. */
const TRIAL_ID = '000000000000';

export function createOciDriver(context: DriverContext): Driver {
  const { paths, house, images, log } = context;
  const poller = createPoller();
  const runtimeRoot = join(paths.run, 'runtime');
  let probing: Promise<RuntimeProbe> | null = null;
  const probe = (fresh = false) => {
    if (fresh) probing = null;
    probing ??= probeRuntime(paths, house, fresh).catch((error) => {
      probing = null;
      throw error;
    });
    return probing;
  };
  const runs = createRuns(context, poller, probe, runtimeRoot);
  /** Runs whose console nobody asked for yet; the shortest are over by then. */
  const begun = new Map<string, Run>();
  const reach = createReach(context, runs);

  const running = (guest: GuestRecord): Run => {
    const run = runs.get(guest.id);
    if (run) return run;
    throw new GuesthouseError({
      code: 'wrong-state',
      message: `${guest.spec.name} is not running.`,
      subject: guest.spec.name,
      hint: 'Start it first.',
    });
  };

  /** Answers why it stands still less well than asked. */
  async function freeze(guest: GuestRecord, paused: boolean): Promise<string | null> {
    const run = running(guest);
    const execs = [...run.execs.values()].map(({ main }) => main);
    const note = await setPaused(guest.id, run.record.main, execs, paused);
    runs.update(run, { paused, bySignal: note !== null });
    return note;
  }

  async function standingStill<T>(guest: GuestRecord, act: () => Promise<T>): Promise<T> {
    const run = runs.get(guest.id);
    if (!run || run.record.paused) return act();
    await freeze(guest, true);
    try {
      return await act();
    } finally {
      // It may have been killed meanwhile.
      if (runs.get(guest.id) === run) await freeze(guest, false);
    }
  }

  const describe = ({ record }: Run): Running => describeRun(record);

  /** Mounts an overlay and takes it away again. null: it works. */
  async function tryOverlay(): Promise<OverlayLack | null> {
    const folder = guestFolder(paths, TRIAL_ID);
    try {
      await house.ensure();
      await makeRootfsFolders(paths, TRIAL_ID);
      const layer = join(folder, 'layer');
      await mkdir(layer, { recursive: true });
      await mountRootfs(house, paths, TRIAL_ID, [layer], new AbortController().signal);
      return null;
    } catch (error) {
      const { code, message, cause, hint } = toErrorShape(error);
      const kernel = 'Load the kernel module `overlay`; ordinary users need Linux 5.11 or newer.';
      const fix = code === 'missing-tool' && hint ? hint : kernel;
      return { reason: `Image layers cannot be mounted: ${cause ?? message}`, fix };
    } finally {
      await unmountRootfs(house, paths, TRIAL_ID).catch(() => {});
      await removeRootfs(house, paths, TRIAL_ID).catch(() => {});
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    isolations: ['container'],
    imageVolumes: true,

    async capabilities(fresh) {
      try {
        return [containerCapability(await probe(fresh))];
      } catch (error) {
        const { message, cause, hint } = toErrorShape(error);
        const reason = cause ? `${message} ${cause}` : message;
        return [{ isolation: 'container', possible: false, reason, fix: hint ?? null, engine: null, notes: [] }];
      }
    },

    async doctor(fresh) {
      return containerFindings(await probe(fresh), await tryOverlay());
    },

    async create(guest, operation) {
      for (const { source } of guest.spec.mounts)
        if (source.startsWith('/')) await sourceFlags(source, guest.spec.name);
      // What can be refused now is not kept for the first start.
      await Promise.all([
        deviceNodes(guest.spec.devices),
        confinement(guest.spec, boundingOf(house.pid ?? process.pid)),
      ]);
      initOf(guest.spec);
      if (guest.imageId !== null) await images.rootfs(guest.imageId);
      operation.undo.defer('the container folders', () => removeRootfs(house, paths, guest.id));
      await makeRootfsFolders(paths, guest.id);
    },

    ...dataPowers(context),

    async start(guest, operation, { intent = Promise.resolve() } = {}) {
      await runs.settled(guest.id);
      await reach.vacate(guest);
      // Whoever needs it first waits for it; it is the longest part of a first start.
      if (memberOf(guest) !== null) house.network().catch(() => {});
      const [found] = await Promise.all([probe(), house.ensure()]);
      const tools = { ...requireRuntime(found), runtimeRoot };
      if (existsSync(guestRunFolder(paths, guest.id))) await runs.cleanUp(guest.id);
      let run: Run | null = null;
      operation.undo.defer('the container', async () => {
        begun.delete(guest.id);
        run?.attached?.close();
        if (run && runs.get(guest.id)) await killRun(runs, run).catch(() => {});
        await runs.settled(guest.id);
        await runs.cleanUp(guest.id);
      });
      const { record, go } = await prepareStart(context, guest, tools, operation, intent);
      operation.signal.throwIfAborted();
      // Watched before it runs, so that the end of even the shortest program is seen.
      const started = Promise.withResolvers<void>();
      run = runs.watch(guest.id, record, started.promise);
      try {
        begun.set(guest.id, run);
        if (guest.spec.inputOnce) run.attached = await attachEarly(run.folder, poller);
        await go();
        runs.update(run, { started: true });
      } finally {
        started.resolve();
      }
      return describe(run);
    },

    async stop(guest, graceMs, operation) {
      const run = runs.get(guest.id);
      if (run) await stopRun(runs, run, graceMs, operation.signal);
      await runs.settled(guest.id);
    },

    async kill(guest) {
      const run = runs.get(guest.id);
      if (run) await killRun(runs, run);
      await runs.settled(guest.id);
    },

    pause: (guest) => freeze(guest, true),
    async resume(guest) {
      await freeze(guest, false);
    },
    snapshots: containerSnapshots(context, standingStill, reach.vacate),

    async signal(guest, signal) {
      signalProcess(running(guest).record.main, signal);
    },

    liveFields: LIVE_FIELDS,

    async update(guest, change) {
      const { record } = running(guest);
      const folders = cgroupFolders(record.main.pid, guest.id);
      // Without a control group nothing is enforced, and the guest's notes say so.
      if (!folders) return;
      const canLimitIo = requireRuntime(await probe()).choice.ioLimit !== 'none';
      const disk = change.io && canLimitIo ? diskOf(paths.home) : null;
      applyLimits(planLimits(change, folders, disk, readLimit), writeLimit);
    },

    async remove(guest) {
      const run = runs.get(guest.id);
      if (run) await killRun(runs, run);
      await reach.evict(guest.id);
      await runs.settled(guest.id);
      await runs.cleanUp(guest.id);
      runs.forget(guest.id);
      const folders = rootfsFolders(paths, guest.id);
      if (existsSync(folders.upper) || existsSync(folders.work) || existsSync(folders.merged)) {
        await house.ensure();
        await unmountRootfs(house, paths, guest.id);
        await removeRootfs(house, paths, guest.id);
      }
      await removeContainerSnapshots(context, guest.id);
      await rm(join(guestFolder(paths, guest.id), 'etc'), { recursive: true, force: true });
      await removeLog(logFile(context, guest.id));
      const parent = (await probe().catch(() => null))?.choice?.cgroupParent;
      if (parent) removeEmptyParents(parent);
    },

    async adopt(guest) {
      const known = runs.get(guest.id);
      if (known) return describe(known);
      const folder = guestRunFolder(paths, guest.id);
      const record = readRunRecord(folder);
      // Cut off before there was anything to record, and perhaps before it was recorded that it was to run.
      if (!record && existsSync(folder) && !existsSync(join(folder, RUN_RECORD))) await runs.cleanUp(guest.id);
      if (!record || !isRunning(record)) return null;
      await house.ensure();
      const run = runs.watch(guest.id, record);
      await holdLog(logFile(context, guest.id));
      adoptExecs(poller, run);
      return describe(run);
    },

    async reap(guest) {
      begun.delete(guest.id);
      const seen = runs.lastExit(guest.id);
      if (seen) return seen;
      const exit = readExit(guestRunFolder(paths, guest.id), guest.id);
      await runs.settled(guest.id);
      await runs.cleanUp(guest.id);
      return exit;
    },

    async endpoints(guest) {
      const run = runs.get(guest.id) ?? begun.get(guest.id);
      begun.delete(guest.id);
      if (!run) return [];
      const execs = [...run.endedExecs.splice(0), ...run.execs.values()].filter(({ record }) => !record.hidden);
      return [
        mainEndpoint(run, logFile(context, run.guestId), poller),
        ...execs.map((session) => execEndpoint(poller, session, null)),
      ];
    },

    async exec(guest, request) {
      const run = running(guest);
      if (run.record.paused) {
        throw new GuesthouseError({
          code: 'wrong-state',
          message: `${guest.spec.name} is paused.`,
          subject: guest.spec.name,
          hint: 'Resume it first.',
        });
      }
      const tools = { ...requireRuntime(await probe()), runtimeRoot };
      if (request.borrowed) await reach.lend(guest);
      const { config } = await images.rootfs(guest.imageId ?? '');
      return execIn(context, poller, tools, run, guest, asAsked(guest.spec, config), request);
    },

    async endExec(guest, endpointId) {
      const session = runs.get(guest.id)?.execs.get(endpointId.slice(endpointId.indexOf(':') + 1));
      if (session) endExec(session);
    },

    async display(guest) {
      throw new GuesthouseError({
        code: 'unsupported',
        message: `${guest.spec.name} is a container and has no screen.`,
        subject: guest.spec.name,
        hint: 'Use its console.',
      });
    },

    log: (guest, request) => reach.log(guest, request),
    files: (guest) => reach.files(guest),
    diff: (guest) => reach.diff(guest),

    layer: (guest, options) => changedLayer(context, guest, options),

    async top(guest) {
      return topOf(running(guest), house.pid ?? process.pid);
    },

    counters: (guest) => runs.get(guest.id)?.counters.read() ?? null,

    warm: () => poller.warm(),
    async close() {
      await reach.close();
      await runs.close();
      poller.close();
      log.info('containers: let go');
    },
  };
}

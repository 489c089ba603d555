/** The driver for machines under QEMU. See decisions/0005-machines-under-qemu.md. */
import { rm } from 'node:fs/promises';
import { ROOT_DISK } from '../../contract/disk.ts';
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestExit } from '../../contract/guest.ts';
import { ended, isAlive, signalProcess } from '../../host/process-ref.ts';
import { Undo } from '../../host/undo.ts';
import type { ConsoleEndpoint, Driver, DriverContext, GuestRecord, Running } from '../driver.ts';
import { tellAgent } from './agent.ts';
import { capabilities, findings, lookAround } from './capabilities.ts';
import { removeCgroup } from './cgroup.ts';
import { setClock } from './clock.ts';
import { removeDisks } from './disk/storage.ts';
import { upkeep } from './disk/upkeep.ts';
import { removeDisk } from './disks.ts';
import { endFolders } from './folders.ts';
import { foldersStay } from './folders-fit.ts';
import { filesOfMachine } from './guest-files.ts';
import { DeviceClaims, knowDevices, type MachineContext } from './hardware/device-claims.ts';
import { removeHardware } from './hardware/stored.ts';
import { inTime } from './in-time.ts';
import { lookInside } from './inside/look.ts';
import { askMonitor } from './inside/monitor.ts';
import { behindTop, readLayers, removeLayers } from './layers/record.ts';
import { exitOf, type LiveEvents, LiveMachine } from './live.ts';
import { machineImage } from './machine-image.ts';
import { createPrograms } from './programs.ts';
import { createRescues } from './rescue/index.ts';
import { machinePaths, programsOf, readRun } from './run-record.ts';
import { shrink, writePng } from './screen/picture.ts';
import { pressKeys } from './screen/press.ts';
import { takePicture } from './screen/screenshot.ts';
import { consolesOf, seen } from './screen/seen.ts';
import { serialEndpoint } from './serial.ts';
import { readLog, requireNoTimes } from './serial-log.ts';
import { liveRange } from './size/room.ts';
import { thawLeft } from './snapshot/frozen.ts';
import { machineSnapshots, settleMachine } from './snapshot/index.ts';
import { suspendMachine } from './snapshot/suspend.ts';
import { listen } from './sound/listen.ts';
import { startMachine } from './start.ts';
import { killMachine, stopMachine } from './stop.ts';
import { machineStorage } from './storage-acts.ts';
import { endStrays } from './strays.ts';
import { LIVE_FIELDS, needsRestart, updateMachine } from './update.ts';
import { connectDisplay } from './vnc.ts';

const KILL_TIMEOUT_MS = 5_000;
/** Meeting a machine again must not hold the engine's start up (ms). */
const ADOPT_TIMEOUT_MS = 1_500;
/** What ended in machines is put away by then, or later by another engine (ms). */
const SETTLE_TIMEOUT_MS = 3_000;

export function createQemuDriver(given: DriverContext): Driver {
  const context: MachineContext = { ...given, devices: new DeviceClaims() };
  const { paths, house, log } = context;
  const live = new Map<string, LiveMachine>();
  /** Ends seen and not reaped yet; they know the signal, which the run folder does not. */
  const exits = new Map<string, GuestExit>();
  /** Consoles handed out; QEMU serves one connection to the serial line, so none may be left behind. */
  const consoles = new Set<ConsoleEndpoint>();
  let facts: ReturnType<typeof lookAround> | null = null;

  const look = (fresh = false) => {
    if (fresh || !facts) {
      const asked = lookAround(paths, fresh);
      asked.catch(() => {
        if (facts === asked) facts = null;
      });
      facts = asked;
    }
    return facts;
  };
  const eventsOf = (id: string): LiveEvents => ({
    onEnded: (exit, record) => {
      if (live.get(id)?.record === record) live.delete(id);
      exits.set(id, exit);
      void context.onExited(id, exit, record.startedAt);
    },
    onPaused: (paused, why) => context.onPaused(id, paused, why),
    onNote: (note) => context.onNote(id, note),
  });
  const running = (guest: GuestRecord): LiveMachine => {
    const machine = live.get(guest.id);
    if (machine?.alive) return machine;
    throw new GuesthouseError({
      code: 'wrong-state',
      message: `${guest.spec.name} is not running.`,
      subject: guest.spec.name,
    });
  };
  const alive = (guest: GuestRecord) => (live.get(guest.id)?.alive ? running(guest) : null);
  const programs = createPrograms(context, running, live);
  const shown = ({ record, up }: LiveMachine, paused: boolean, standsFor: string | null = null): Running => ({
    pid: record.qemu.pid,
    startedAt: record.startedAt,
    paused,
    standsFor,
    accelerator: record.accelerator,
    ...(record.hardware ? { machine: record.hardware } : {}),
    notes: record.notes,
    consoles: consolesOf(record),
    memoryBounded: false,
    up,
  });
  /** What a run leaves beside its run folder. */
  const tidy = async (id: string) => {
    const files = machinePaths(paths, id);
    const record = await readRun(files);
    if (record?.started) endFolders(programsOf(record));
    // Nobody knows what an engine left that was ended in the middle of a start.
    else await endStrays(files);
    context.devices.drop(id);
    await house.detach(id);
    await removeCgroup(id);
  };

  const rescues = createRescues(context, async (guest, operation) => {
    return (await machineImage(context, guest, operation))?.disk ?? null;
  });

  return {
    isolations: ['vm', 'microvm'],
    capabilities: async (fresh) => capabilities(await look(fresh)),
    doctor: async (fresh) => findings(await look(fresh)),

    ...machineStorage(context, alive),
    liveFields: LIVE_FIELDS,
    needsRestart: (guest, field, next) => needsRestart(guest.spec, field, next, live.get(guest.id)?.record ?? {}),
    liveRange: (guest, field) =>
      field === 'mounts'
        ? foldersStay(guest.spec, live.get(guest.id)?.record ?? {})
        : field === 'cpus' || field === 'memoryMib'
          ? liveRange(field, live.get(guest.id)?.record ?? {}, guest.spec.cpus)
          : null,
    update: (guest, change) =>
      updateMachine(context, guest, running(guest), change, programs, async (operation) =>
        machineImage(context, guest, operation).then((machine) => machine?.disk ?? null),
      ),
    disks: upkeep(context, async (guest, operation) => {
      const asked = operation ?? { signal: AbortSignal.timeout(60_000), undo: new Undo(), progress() {} };
      const image = (await machineImage(context, guest, asked))?.disk ?? null;
      const { home, disk } = machinePaths(paths, guest.id);
      return { path: disk, format: 'qcow2', base: behindTop(home, await readLayers(home), ROOT_DISK, image) };
    }),
    snapshots: machineSnapshots(context, alive),
    async suspend(guest, folder, operation, kept) {
      const machine = running(guest);
      await suspendMachine(machine, guest, folder, operation, kept);
      machine.look();
      await machine.ended;
      await tidy(guest.id);
    },

    rescue: rescues,
    files: (guest) => rescues.files(guest) ?? filesOfMachine(programs, live, guest),

    async start(guest, operation, { memory, intent } = {}) {
      rescues.requireClosed(guest);
      await intent;
      exits.delete(guest.id);
      const events = eventsOf(guest.id);
      const outcome = Promise.withResolvers<boolean>();
      try {
        // The end of what never started is told by the start's failure alone.
        const onEnded: LiveEvents['onEnded'] = (exit, record) =>
          void outcome.promise.then((started) => started && events.onEnded(exit, record));
        const machine = await startMachine(context, guest, operation, { ...events, onEnded }, memory);
        if (machine.alive) live.set(guest.id, machine);
        outcome.resolve(true);
        return shown(machine, memory !== undefined && machine.alive && (await machine.paused()));
      } catch (error) {
        outcome.resolve(false);
        throw error;
      }
    },

    async stop(guest, graceMs) {
      const machine = live.get(guest.id);
      if (machine) await stopMachine(machine, graceMs);
      await tidy(guest.id);
    },

    async kill(guest) {
      const machine = live.get(guest.id);
      if (machine) await killMachine(machine);
      await tidy(guest.id);
    },

    async pause(guest) {
      await running(guest).setPaused(true);
      return null;
    },
    async resume(guest) {
      const machine = running(guest);
      await machine.setPaused(false);
      // Its clock stood still meanwhile.
      void setClock(machine);
      void thawLeft(machine);
    },

    async remove(guest) {
      await rescues.sweep(guest.id);
      const files = machinePaths(paths, guest.id);
      const record = await readRun(files);
      live.get(guest.id)?.release();
      live.delete(guest.id);
      if (record && isAlive(record.qemu)) {
        signalProcess(record.qemu, 'SIGKILL');
        await ended(record.qemu, KILL_TIMEOUT_MS);
      }
      await tidy(guest.id);
      await removeDisk(files.disk);
      await removeHardware(files);
      await removeLayers(files.home);
      await removeDisks(paths, guest.id);
      for (const path of [files.serialLog, `${files.serialLog}.1`]) await rm(path, { force: true });
      await rm(files.run, { recursive: true, force: true });
    },

    async adopt(guest) {
      await rescues.sweep(guest.id);
      const files = machinePaths(paths, guest.id);
      const record = await readRun(files);
      if (!record?.started || !isAlive(record.qemu)) return null;
      const machine = new LiveMachine(guest.id, files, record, eventsOf(guest.id));
      live.set(guest.id, machine);
      const met = settleMachine(files.home, machine).then(() => machine.status());
      if (guest.spec.hostDevices.length > 0)
        void met
          .then(() => knowDevices(context, machine))
          .catch((error) => log.warn('devices are not known', { error }));
      // Its agent may take long, and answers nothing while the machine stands still.
      void met.then(({ paused }) => (paused ? undefined : thawLeft(machine))).catch(() => {});
      const { paused, note } = await inTime(met, ADOPT_TIMEOUT_MS).catch((error) => {
        log.warn('a machine does not answer', { guest: guest.id, error });
        return { paused: false, note: 'QEMU does not answer: it may be stuck.' };
      });
      return shown(machine, paused, note);
    },

    async reap(guest): Promise<GuestExit | null> {
      const files = machinePaths(paths, guest.id);
      const record = await readRun(files);
      if (record?.started && isAlive(record.qemu)) return null;
      const seen = (await live.get(guest.id)?.ended) ?? exits.get(guest.id);
      exits.delete(guest.id);
      const exit = seen ?? (record ? await exitOf(guest.id, files, record, null) : null);
      await tidy(guest.id);
      await rm(files.run, { recursive: true, force: true });
      return exit;
    },

    async endpoints(guest) {
      const machine = live.get(guest.id);
      if (!machine?.alive) return [];
      const { files, record } = machine;
      const resize = (columns: number, rows: number) =>
        void tellAgent(files, `resize ${Math.floor(columns)} ${Math.floor(rows)}`).catch(() => {});
      const serial = serialEndpoint({
        guestId: guest.id,
        startedAt: record.startedAt,
        socketPath: files.serial,
        logPath: files.serialLog,
        resize: record.agent ? resize : null,
      });
      consoles.add(serial);
      void machine.ended.then(() => consoles.delete(serial));
      return [serial, ...(await machine.sessions.endpoints())];
    },

    exec: programs.exec,
    async endExec(guest, endpointId) {
      if (!rescues.endShell(guest, endpointId)) await programs.endExec(guest, endpointId);
    },
    top: programs.top,
    inside: (guest) => lookInside(running(guest)),
    monitor: (guest, line) => askMonitor(running(guest), line),

    display: async (guest) => connectDisplay(seen(running(guest), guest.spec.name).files.vnc),

    sound: (guest, signal) => listen(running(guest), guest.spec.name, signal),

    async screenshot(guest, { maxWidth }) {
      const whole = await takePicture(seen(running(guest), guest.spec.name));
      const picture = maxWidth === null ? whole : shrink(whole, maxWidth);
      return { png: await writePng(picture), width: picture.width, height: picture.height };
    },
    sendKeys: async (guest, keys) =>
      pressKeys(seen(running(guest), guest.spec.name), keys, guest.spec.machine.keyboard),

    async *log(guest, request) {
      requireNoTimes(guest.spec.name, request);
      const alive = () => live.get(guest.id)?.alive ?? false;
      const { serialLog } = machinePaths(paths, guest.id);
      for await (const bytes of readLog(serialLog, { ...request, alive })) yield { bytes, channel: 'stdout' as const };
    },

    counters: (guest) => live.get(guest.id)?.counters() ?? null,

    async close() {
      const settled = Promise.all([...live.values()].map(({ sessions }) => sessions.settled()));
      await inTime(settled, SETTLE_TIMEOUT_MS).catch(() => {}); // the next engine puts it away
      for (const one of consoles) one.detach();
      consoles.clear();
      for (const machine of live.values()) machine.release();
      live.clear();
      await rescues.closeAll();
    },
  };
}

/** Further programs in a running container, each under a conmon of its own, so that they outlive this engine too. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { ImageConfig } from '../../contract/image.ts';
import { privateFolder } from '../../host/files.ts';
import { bootId, isAlive, type ProcessRef, processRef, signalProcess } from '../../host/process-ref.ts';
import { processTree } from '../../metrics/processes.ts';
import type { ConsoleEndpoint, DriverContext, ExecRequest, GuestRecord } from '../driver.ts';
import { type Attachment, attach } from './attach.ts';
import { boundingOf } from './capabilities.ts';
import { readyForMoves } from './cgroup-moves.ts';
import { missingCommand } from './command-lookup.ts';
import { beginConmon, type ConmonRequest } from './conmon.ts';
import { createEndpoint } from './endpoint.ts';
import { commandFailure, missingCommandCode, runtimeWords } from './failure.ts';
import { BORROWED_PATH, BORROWED_SHELL } from './files/borrowed.ts';
import { firstExisting, resolveIdentity } from './identity.ts';
import type { Poller } from './poller.ts';
import { processSpec, rightsOf } from './process-spec.ts';
import { rootfsFolders } from './rootfs.ts';
import { isRunning, type RunRecord, readExit, readRunRecord, writeRunRecord } from './run-record.ts';
import { execFolders, type Run } from './runs.ts';
import { hasManyIds } from './runtime.ts';
import { SHELLS, type StartTools } from './start.ts';
import { resolveWorkingFolder } from './working-folder.ts';

const EXEC_TIMEOUT_MS = 30_000;
/** The run folder is usually in memory, so an exec session keeps little (bytes). */
const LOG_MAX_BYTES = 2 * 1024 * 1024;
/** An ended session's folder is kept this long (ms). */
const FOLDER_LINGER_MS = 1_000;
/** One that ended before an engine came is shown if that was not longer ago (ms). */
const ENDED_SHOWN_MS = 30_000;

export interface ExecSession {
  /** `<guest id>:exec-<8 hex>` */
  readonly id: string;
  readonly guestId: string;
  readonly folder: string;
  readonly main: ProcessRef;
  readonly record: RunRecord;
  /** Resolves when the program is gone. */
  readonly exited: Promise<number | null>;
  /** Stops watching; the program goes on. */
  stop(): void;
}

export async function execIn(
  context: DriverContext,
  poller: Poller,
  tools: StartTools,
  run: Run,
  guest: GuestRecord,
  image: ImageConfig,
  request: ExecRequest,
): Promise<ConsoleEndpoint> {
  const { house, paths } = context;
  const id = `exec-${randomBytes(4).toString('hex')}`;
  const root = `/proc/${house.pid}/root${rootfsFolders(paths, guest.id).merged}`;
  const args = request.command.length > 0 ? request.command : shellFor(request, root, guest);
  const identity = resolveIdentity(root, request.user ?? image.user);
  if (identity.uid !== 0 && !hasManyIds(house)) throw onlyRoot(guest, identity.uid);
  const spec = processSpec({
    args,
    tty: request.tty,
    columns: request.columns,
    rows: request.rows,
    identity,
    image,
    hostname: guest.spec.hostname ?? guest.spec.name,
    env: [...Object.entries(guest.spec.env).map(([name, value]) => `${name}=${value}`), ...request.env],
    rights: rightsOf(guest.spec, house.pid === null ? null : boundingOf(house.pid)),
    // The guest may have made a link of it meanwhile.
    workingFolder: resolveWorkingFolder(
      root,
      request.workingDir ?? image.workingDir,
      request.workingDir === undefined && guest.spec.workingDir === null ? 'image' : 'request',
    ),
  });
  if (tools.choice.cgroupParent !== null) void readyForMoves();
  const folder = await privateFolder(join(run.folder, id));
  const execSpec = join(folder, 'process.json');
  const started = request.borrowed ? { ...spec, env: withBorrowedPath(spec.env) } : spec;
  writeFileSync(execSpec, JSON.stringify(started), { mode: 0o600 });
  const conmon: ConmonRequest = {
    conmonPath: tools.conmon.path,
    runtimePath: tools.choice.path,
    runtimeArgs: tools.choice.args,
    runtimeRoot: tools.runtimeRoot,
    containerId: guest.id,
    folder,
    logPath: join(folder, 'log'),
    logMaxBytes: LOG_MAX_BYTES,
    tty: request.tty,
    // A terminal waits for the next window; a pipe's input ends when whoever fed it is gone.
    keepInput: request.tty,
    noSyncLog: tools.conmon.noSyncLog,
    execSpec,
  };
  const startedAt = Date.now();
  let attached: Attachment | null = null;
  try {
    const launched = await beginConmon(house, conmon).go({
      timeoutMs: EXEC_TIMEOUT_MS,
      signal: null,
      onAttachable: async () => {
        attached = await attach(join(folder, 'attach'), poller);
      },
    });
    const title = basename(args[0] ?? '');
    if (!launched.ok) {
      (attached as Attachment | null)?.close();
      rmSync(folder, { recursive: true, force: true });
      // Beside a terminal crun says nothing.
      const message = launched.message || (missingCommand(root, spec, guest) ?? '');
      return notStarted(poller, guest, id, { title, tty: request.tty, startedAt, folder, args }, message);
    }
    const main = processRef(launched.pid) ?? { pid: launched.pid, startTicks: 0 };
    const record: RunRecord = {
      bootId: bootId(),
      main,
      conmon: processRef(launched.conmonPid) ?? { pid: launched.conmonPid, startTicks: 0 },
      startedAt,
      tty: request.tty,
      title,
      logOffset: 0,
      logInode: 0,
      started: true,
      paused: false,
      notes: [],
      ...(request.hidden ? { hidden: true } : {}),
    };
    writeRunRecord(folder, record);
    return execEndpoint(poller, watchExec(poller, run, folder, record), attached);
  } catch (error) {
    (attached as Attachment | null)?.close();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Meets the exec sessions again that an earlier engine started. Those that ended a moment ago are shown once more, because
 * whoever waits for their end may be asking for it just now; older ones are forgotten.
 */
export function adoptExecs(poller: Poller, run: Run): void {
  for (const folder of execFolders(run.folder)) {
    const record = readRunRecord(folder);
    const exit = readExit(folder, run.guestId);
    if (record && isRunning(record)) {
      const session = watchExec(poller, run, folder, record);
      // Whoever asked for a hidden one is gone, and nobody else waits for it.
      if (record.hidden) endExec(session);
    } else if (record && !record.hidden && exit && Date.now() - exit.at < ENDED_SHOWN_MS) {
      run.endedExecs.push(sessionOf(run, folder, record, Promise.resolve(exit.code), () => {}));
      forgetLater(folder, ENDED_SHOWN_MS);
    } else rmSync(folder, { recursive: true, force: true });
  }
}

function watchExec(poller: Poller, run: Run, folder: string, record: RunRecord): ExecSession {
  const id = basename(folder);
  const { promise: exited, resolve } = Promise.withResolvers<number | null>();
  const stop = poller.watchProcess(record.conmon, () => {
    const exit = readExit(folder, run.guestId);
    run.execs.delete(id);
    resolve(exit?.code ?? null);
    // Later, so that a session that is just opening still finds the log.
    forgetLater(folder, FOLDER_LINGER_MS);
  });
  const session = sessionOf(run, folder, record, exited, stop);
  run.execs.set(id, session);
  return session;
}

function sessionOf(
  { guestId }: Run,
  folder: string,
  record: RunRecord,
  exited: Promise<number | null>,
  stop: () => void,
): ExecSession {
  return { id: `${guestId}:${basename(folder)}`, guestId, folder, main: record.main, record, exited, stop };
}

function forgetLater(folder: string, ms: number): void {
  setTimeout(() => rmSync(folder, { recursive: true, force: true }), ms).unref();
}

/** `attached`: since before the program started, so nothing of its output is missing; null: met again. */
export function execEndpoint(poller: Poller, session: ExecSession, attached: Attachment | null): ConsoleEndpoint {
  const { id, guestId, folder, record } = session;
  return createEndpoint(
    {
      id,
      guestId,
      kind: 'exec',
      title: record.title,
      tty: record.tty,
      startedAt: record.startedAt,
      folder,
      logPath: join(folder, 'log'),
      logStart: { offset: 0, inode: 0 },
      ended: session.exited,
      attached,
      failure: null,
    },
    poller,
  );
}

/** An exec that could not start ends like one in a shell: a message on standard error and 127 or 126. */
function notStarted(
  poller: Poller,
  guest: GuestRecord,
  id: string,
  about: { title: string; tty: boolean; startedAt: number; folder: string; args: readonly string[] },
  message: string,
): ConsoleEndpoint {
  const code = missingCommandCode(message);
  if (code === null) {
    throw new GuesthouseError({
      code: 'guest-failed',
      message: `The command \`${about.args[0]}\` could not be started in ${guest.spec.name}.`,
      subject: guest.spec.name,
      cause: runtimeWords(message),
    });
  }
  return createEndpoint(
    {
      ...about,
      id: `${guest.id}:${id}`,
      guestId: guest.id,
      kind: 'exec',
      logPath: join(about.folder, 'log'),
      logStart: { offset: 0, inode: 0 },
      ended: Promise.resolve(code),
      attached: null,
      failure: commandFailure(about.args[0] ?? '', guest.spec.image, message)?.message ?? runtimeWords(message),
    },
    poller,
  );
}

/** Ends the program and everything it started: a closed tab must not leave anything behind. */
export function endExec({ main }: ExecSession): void {
  if (!isAlive(main)) return;
  for (const pid of processTree(main.pid)) {
    const ref = processRef(pid);
    if (ref) signalProcess(ref, 'SIGKILL');
  }
}

function onlyRoot(guest: GuestRecord, uid: number): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `${guest.spec.name} has no user ${uid}: for this account guests have the user root only.`,
    subject: guest.spec.name,
    cause: 'The account has no range of subordinate ids.',
    hint: 'Have one given to it in /etc/subuid and /etc/subgid (usermod --add-subuids, --add-subgids).',
  });
}

function shellFor(request: ExecRequest, root: string, guest: GuestRecord): readonly string[] {
  const shell = request.borrowed ? BORROWED_SHELL : firstExisting(root, SHELLS);
  if (shell !== null) return [shell];
  throw new GuesthouseError({
    code: 'unsupported',
    message: `${guest.spec.name} has no shell.`,
    subject: 'shell',
    cause: `None of ${SHELLS.join(', ')} is there.`,
    hint: 'Name a command to run, or borrow a shell (`guesthouse shell --borrowed`).',
  });
}

/** The image's own tools come first. */
function withBorrowedPath(env: readonly string[]): string[] {
  return env.map((entry) => (entry.startsWith('PATH=') ? `${entry}:${BORROWED_PATH}` : entry));
}

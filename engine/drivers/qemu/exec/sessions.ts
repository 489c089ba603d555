/**
 * Further programs in a machine whose init is ours (assets/guest-init/session). Each has lines of its own to the host
 * (ports.ts), which QEMU keeps, so it goes on without an engine and is met again by the next one.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { ImageConfig } from '../../../contract/image.ts';
import type { ConsoleEndpoint, ExecRequest, GuestRecord } from '../../driver.ts';
import { readAgent, tellAgent } from '../agent.ts';
import type { LiveMachine } from '../live.ts';
import { sessionHistory } from './history.ts';
import { makePipes, openPipes, removePipes } from './pipes.ts';
import { idOfPort, pluggedPorts, plugPorts, portsOf, unplugPorts } from './ports.ts';
import { openingOf, renderExec, side } from './request.ts';
import { createSession, type Session, type SessionRecord } from './session.ts';

/** A guest that was just started is waited for; an emulated one on a busy host takes its time (ms). */
const UP_TIMEOUT_MS = 60_000;
/** From the guest's being told to its saying that the program runs (ms). */
const BEGIN_TIMEOUT_MS = 30_000;
/** A killed program's last words, before its lines are taken away (ms). */
const END_TIMEOUT_MS = 5_000;

export interface Sessions {
  exec(guest: GuestRecord, image: ImageConfig, request: ExecRequest): Promise<ConsoleEndpoint>;
  /** Those that go on, also of an earlier engine. */
  endpoints(): Promise<readonly ConsoleEndpoint[]>;
  /** Ends a program and everything it started. Nothing happens when there is none of that name. */
  end(endpointId: string): Promise<void>;
  /** No port comes or goes while this acts: the QEMU that is to load a kept memory must have the same ones. */
  still<T>(act: () => Promise<T>): Promise<T>;
  /** Resolves when what has ended is put away. */
  settled(): Promise<unknown>;
  /** The machine has ended. */
  over(): void;
  /** Lets go of all; they go on. */
  release(): void;
}

export function createMachineSessions(machine: LiveMachine): Sessions {
  const { files, guestId } = machine;
  const folder = join(files.run, 'sessions');
  const sessions = new Map<string, Session>();
  /** Being begun: neither in `sessions` yet nor an earlier engine's. */
  const beginning = new Set<string>();
  const leaving = new Set<Promise<void>>();
  const recordPath = (id: string) => join(folder, `${id}.json`);
  const historyPath = (id: string) => join(folder, `${id}.log`);

  /** Ports on their way in or out, and what they wait for. */
  const moving = new Set<Promise<unknown>>();
  let quiet: Promise<void> | null = null;
  const move = async <T>(act: () => Promise<T>): Promise<T> => {
    while (quiet) await quiet; // another may have begun meanwhile
    const acting = act();
    moving.add(acting);
    return acting.finally(() => moving.delete(acting));
  };

  const tell = (line: string) => tellAgent(files, line);
  const takeOut = async ({ id, tty }: Pick<SessionRecord, 'id' | 'tty'>) => {
    const names = portsOf(id, tty).map(({ name }) => name);
    // First: ports without a record are taken out by the next engine, should this one not come to it.
    rmSync(recordPath(id), { force: true });
    rmSync(historyPath(id), { force: true });
    await move(async () => {
      if (machine.alive) await unplugPorts(await machine.qmp(), names);
    });
    await removePipes(files.room, names);
  };
  const open = (record: SessionRecord): Session => {
    const { id, tty, hidden } = record;
    const main = openPipes(files.room, `session-${id}`);
    const errors = tty ? null : openPipes(files.room, `errors-${id}`);
    const session = createSession({
      guestId,
      record,
      main,
      errors,
      history: tty && !hidden ? sessionHistory(historyPath(id)) : null,
      resize: (columns, rows) => void tell(`size ${id} ${side(columns)} ${side(rows)}`).catch(() => {}),
    });
    sessions.set(id, session);
    void session.ended.then(async () => {
      if (sessions.get(id) !== session) return; // let go of
      session.release();
      const taking = takeOut(record).catch(() => {}); // gone with the machine, or found by the next engine
      leaving.add(taking);
      await taking;
      leaving.delete(taking);
      sessions.delete(id);
    });
    return session;
  };

  const answering = async (name: string) => {
    if ((await readAgent(files)).hello) return;
    const late = sleep(UP_TIMEOUT_MS, 'late' as const, { ref: false });
    const first = await Promise.race([machine.up, machine.ended, late]);
    if (first === undefined) return;
    throw new GuesthouseError(
      first === 'late'
        ? {
            code: 'timeout',
            message: `${name} does not answer: its system has not come up yet.`,
            subject: name,
            hint: 'Look at its console.',
          }
        : { code: 'wrong-state', message: `${name} ended meanwhile.`, subject: name },
    );
  };

  const begin = async (session: Session, name: string) => {
    const late = sleep(BEGIN_TIMEOUT_MS, null, { ref: false });
    const answer = await Promise.race([session.up, late]);
    if (answer?.refused === null) return;
    session.abandon();
    throw answer === null ? silent(name) : refused(answer.refused, name);
  };

  return {
    async exec(guest, image, request) {
      const { name } = guest.spec;
      const fragment = renderExec(guest.spec, image, request);
      await answering(name);
      const record: SessionRecord = {
        id: randomBytes(4).toString('hex'),
        token: randomBytes(16).toString('hex'),
        tty: request.tty,
        title: basename(request.command[0] ?? 'sh'),
        startedAt: Date.now(),
        hidden: request.hidden ?? false,
      };
      const ports = portsOf(record.id, record.tty);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(recordPath(record.id), JSON.stringify(record), { mode: 0o600 });
      let session: Session | null = null;
      beginning.add(record.id);
      try {
        await makePipes(
          files.room,
          ports.map((port) => port.name),
        );
        await move(async () => plugPorts(await machine.qmp(), ports));
        session = open(record);
        session.say(openingOf(record.token, request, fragment));
        await tell(`session ${record.id}`);
        await begin(session, name);
        return session.endpoint;
      } catch (error) {
        if (session) session.abandon();
        else await takeOut(record).catch(() => {});
        throw error;
      } finally {
        beginning.delete(record.id);
      }
    },

    async endpoints() {
      const known = (id: string) => sessions.has(id) || beginning.has(id);
      const records = recordsIn(folder).filter(({ id }) => !known(id));
      if (existsSync(folder)) {
        const plugged = await pluggedPorts(await machine.qmp());
        for (const record of records) {
          const goesOn = portsOf(record.id, record.tty).every(({ name }) => plugged.includes(name));
          if (goesOn && !record.hidden) open(record);
          else {
            if (goesOn) await tell(`end ${record.id}`).catch(() => {});
            await takeOut(record).catch(() => {});
          }
        }
        const stale = plugged.filter((name) => !known(idOfPort(name)));
        if (stale.length > 0) await move(async () => unplugPorts(await machine.qmp(), stale));
        await removePipes(files.room, stale);
      }
      const hidden = new Set(recordsIn(folder).flatMap((record) => (record.hidden ? [record.id] : [])));
      return [...sessions].flatMap(([id, { endpoint }]) => (hidden.has(id) ? [] : [endpoint]));
    },

    async end(endpointId) {
      const id = endpointId.slice(endpointId.indexOf(':exec-') + ':exec-'.length);
      const session = sessions.get(id);
      if (!session) return;
      await tell(`end ${id}`).catch(() => {});
      session.endpoint.detach();
      await Promise.race([session.ended, sleep(END_TIMEOUT_MS, null, { ref: false })]);
      session.abandon();
    },

    async still(act) {
      await quiet;
      const { promise, resolve } = Promise.withResolvers<void>();
      quiet = promise;
      try {
        await Promise.allSettled(moving);
        return await act();
      } finally {
        quiet = null;
        resolve();
      }
    },

    settled: () => Promise.all(leaving),

    over() {
      for (const session of sessions.values()) session.abandon();
    },

    release() {
      for (const [id, session] of sessions) {
        sessions.delete(id);
        session.release();
      }
    },
  };
}

function recordsIn(folder: string): SessionRecord[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // there was none yet
  }
  return names.flatMap((name) => {
    if (!name.endsWith('.json')) return [];
    try {
      return [JSON.parse(readFileSync(join(folder, name), 'utf8')) as SessionRecord];
    } catch {
      return []; // cut off in the middle: its ports were not there yet
    }
  });
}

function silent(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'timeout',
    message: `The program in ${name} does not begin.`,
    subject: name,
    hint: 'The guest may be busy or stuck: look at its console.',
  });
}

/** What `session` in the guest may answer in place of `up`. */
function refused(why: string, name: string): GuesthouseError {
  if (why === 'user') {
    return new GuesthouseError({ code: 'invalid', message: `${name} has no such user.`, subject: 'user' });
  }
  if (why === 'shell') {
    return new GuesthouseError({
      code: 'unsupported',
      message: `${name} has no shell.`,
      subject: 'shell',
      hint: 'Name a command to run, or borrow a shell (`guesthouse shell --borrowed`).',
    });
  }
  return new GuesthouseError({
    code: 'guest-failed',
    message: `The program in ${name} could not be started.`,
    subject: name,
    cause: why === 'terminal' ? 'No terminal could be opened in the guest.' : `The guest said: ${why}.`,
  });
}

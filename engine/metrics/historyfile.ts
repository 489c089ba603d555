/**
 * The database of graphs: `history.db`. Losing it loses graphs, never a guest, so nothing here ever throws or stops
 * the engine: a damaged file is moved aside and a new one begun; a file of a newer Guesthouse is left alone and nothing
 * is kept until that one runs again; a full disk costs the rows of that moment.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Log } from '../host/log.ts';

/** Raised when the tables change; older files are brought up to it, newer ones are not touched. */
const SCHEMA_VERSION = 3;

const SCHEMA = `
  CREATE TABLE guests (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
  -- Tiers 1..4: one point, averages and peaks of all series, float32. All of a guest lie together, as they are read.
  -- Rows of version 1 have 6 series; how many a row has follows from its length.
  CREATE TABLE points (
    guest INTEGER NOT NULL, tier INTEGER NOT NULL, at INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (guest, tier, at)
  ) STRICT, WITHOUT ROWID;
  -- up to which moment each tier was put together from the finer one
  CREATE TABLE rolled (tier INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
`;

/**
 * Ten seconds of single seconds, 10 x series float32. By time, as they are written: those of a thousand guests are a
 * hundred and fifty pages in a row, where by guest they were a thousand pages all over the file.
 */
const SECONDS = `
  CREATE TABLE seconds (
    at INTEGER NOT NULL, guest INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (at, guest)
  ) STRICT, WITHOUT ROWID;
`;

/** Up to version 2 they were tier 0 of the points, and the first tier was written with them. */
const MOVE_SECONDS = `
  INSERT INTO seconds SELECT at, guest, data FROM points WHERE tier = 0;
  DELETE FROM points WHERE tier = 0;
  INSERT OR REPLACE INTO rolled SELECT 1, at FROM (SELECT max(at) + 10000 AS at FROM points WHERE tier = 1) WHERE at IS NOT NULL;
`;

/** The moments of which there are seconds, without reading what lies between. */
const MOMENTS = `WITH RECURSIVE moments(at) AS (
  SELECT max(at) FROM seconds
  UNION ALL SELECT (SELECT max(at) FROM seconds WHERE at < moments.at) FROM moments WHERE moments.at IS NOT NULL
)`;

/** Another process may write for a moment (a second engine is refused, a backup is not); never longer than this (ms). */
const BUSY_TIMEOUT_MS = 200;

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

export interface Row {
  readonly at: number;
  readonly data: Uint8Array;
}

/** `guest`: its number. */
export interface SecondsRow extends Row {
  readonly guest: number;
}

/** Statements over the open file. Inside `attempt` only. */
export interface Tables {
  guest(id: string): number;
  guests(): readonly { n: number; id: string }[];
  putSeconds(at: number, guest: number, data: Uint8Array): void;
  /** Of all guests, `from <= at < to`, oldest first. */
  seconds(from: number, to: number): readonly SecondsRow[];
  /** Start of the newest of them; null: there are none. */
  newestSeconds(): number | null;
  /** Keeps the newest `kept` moments of seconds. */
  pruneSeconds(kept: number): void;
  put(guest: number, tier: number, at: number, data: Uint8Array): void;
  /** `from <= at < to`, oldest first. */
  rows(guest: number, tier: number, from: number, to: number): readonly Row[];
  /** Keeps the newest `kept` rows of a tier. By count, not by age: a clock set wrong cannot empty it. */
  prune(guest: number, tier: number, kept: number): void;
  /** Removes rows that begin after `at`. */
  removeAfter(at: number): void;
  forget(id: string): void;
  rolled(tier: number): number | null;
  setRolled(tier: number, at: number): void;
}

export interface HistoryFile {
  /** Does it in one transaction and answers the result, or null when the file cannot be used now. */
  attempt<T>(deed: (tables: Tables) => T): T | null;
  close(): void;
}

export function createHistoryFile(path: string, log: Log): HistoryFile {
  let open: { readonly database: DatabaseSync; readonly tables: Tables } | null = null;
  let refused = false;
  let lastWarning = '';

  const begin = () => {
    const database = new DatabaseSync(path);
    try {
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
      if (version > SCHEMA_VERSION) {
        refused = true;
        log.warn('history.db was written by a newer Guesthouse; graphs are not kept until that one runs again', {
          path,
        });
        database.close();
        return null;
      }
      // NORMAL with a write-ahead log: a kill loses nothing that was committed, a power cut the last moments at most.
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 1048576');
      if (version < SCHEMA_VERSION) {
        // From 1 to 2 only rows that are yet to be written differ.
        const steps = version === 0 ? SCHEMA + SECONDS : SECONDS + MOVE_SECONDS;
        database.exec(`BEGIN; ${steps} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
      }
      return { database, tables: prepare(database) };
    } catch (error) {
      closeQuietly(database);
      throw error;
    }
  };

  const moveAside = (error: unknown) => {
    if (open) closeQuietly(open.database);
    open = null;
    const aside = `${path}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    log.warn('history.db is damaged; it was moved aside and a new one begun', { aside, error });
    if (existsSync(path)) renameSync(path, aside);
    // They belong to the damaged file; a new one must not meet them.
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  };

  const once = <T>(deed: (tables: Tables) => T): T | null => {
    open ??= begin();
    if (!open) return null;
    const { database, tables } = open;
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = deed(tables);
      database.exec('COMMIT');
      return result;
    } catch (error) {
      try {
        database.exec('ROLLBACK');
      } catch {
        // The error that matters is the first.
      }
      throw error;
    }
  };

  /** The same trouble every ten seconds is one line. */
  const complain = (error: unknown): null => {
    if (String(error) !== lastWarning) log.warn('graphs could not be kept', { error });
    lastWarning = String(error);
    return null;
  };

  return {
    attempt(deed) {
      if (refused) return null;
      try {
        return once(deed);
      } catch (error) {
        if (!isDamage(error)) return complain(error);
        try {
          moveAside(error);
          return once(deed);
        } catch (failure) {
          return complain(failure);
        }
      }
    },
    close() {
      if (open) closeQuietly(open.database);
      open = null;
    },
  };
}

function prepare(database: DatabaseSync): Tables {
  const sql = (text: string): StatementSync => database.prepare(text);
  const find = sql('SELECT n FROM guests WHERE id = ?');
  const add = sql('INSERT INTO guests (id) VALUES (?) RETURNING n');
  const all = sql('SELECT n, id FROM guests');
  const putSeconds = sql('INSERT OR REPLACE INTO seconds VALUES (?, ?, ?)');
  const seconds = sql('SELECT at, guest, data FROM seconds WHERE at >= ? AND at < ? ORDER BY at, guest');
  const newestSeconds = sql('SELECT max(at) AS at FROM seconds');
  const pruneSeconds = sql(`${MOMENTS}
    DELETE FROM seconds WHERE at <= (SELECT at FROM moments LIMIT 1 OFFSET ?)`);
  const put = sql('INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?)');
  const rows = sql('SELECT at, data FROM points WHERE guest = ? AND tier = ? AND at >= ? AND at < ? ORDER BY at');
  const prune = sql(`DELETE FROM points WHERE guest = ?1 AND tier = ?2 AND at <=
    (SELECT at FROM points WHERE guest = ?1 AND tier = ?2 ORDER BY at DESC LIMIT 1 OFFSET ?3)`);
  const removeAfter = [sql('DELETE FROM points WHERE at > ?'), sql('DELETE FROM seconds WHERE at > ?')];
  // Each one is asked for what is its own; the last makes its number free for another guest.
  const forget = [
    `${MOMENTS} DELETE FROM seconds WHERE at IN (SELECT at FROM moments) AND guest = (SELECT n FROM guests WHERE id = ?)`,
    'DELETE FROM points WHERE guest = (SELECT n FROM guests WHERE id = ?)',
    'DELETE FROM guests WHERE id = ?',
  ].map(sql);
  const rolled = sql('SELECT at FROM rolled WHERE tier = ?');
  const setRolled = sql('INSERT OR REPLACE INTO rolled VALUES (?, ?)');
  return {
    guest: (id) => ((find.get(id) ?? add.get(id)) as { n: number }).n,
    guests: () => all.all() as unknown as { n: number; id: string }[],
    putSeconds: (at, guest, data) => void putSeconds.run(at, guest, data),
    seconds: (from, to) => seconds.all(from, to) as unknown as SecondsRow[],
    newestSeconds: () => (newestSeconds.get() as { at: number | null }).at,
    pruneSeconds: (kept) => void pruneSeconds.run(kept),
    put: (guest, tier, at, data) => void put.run(guest, tier, at, data),
    rows: (guest, tier, from, to) => rows.all(guest, tier, from, to) as unknown as Row[],
    prune: (guest, tier, kept) => void prune.run(guest, tier, kept),
    removeAfter(at) {
      for (const one of removeAfter) one.run(at);
    },
    forget(id) {
      for (const one of forget) one.run(id);
    },
    rolled: (tier) => (rolled.get(tier) as { at: number } | undefined)?.at ?? null,
    setRolled: (tier, at) => void setRolled.run(tier, at),
  };
}

function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  // Tables that are not ours (a foreign database under our name) prepare with a plain error: damage of another kind.
  const foreign = error instanceof Error && /no such (table|column)|already exists/.test(error.message);
  return foreign || (code !== undefined && [SQLITE_CORRUPT, SQLITE_NOTADB].includes(code & 0xff));
}

function closeQuietly(database: DatabaseSync): void {
  try {
    database.close();
  } catch {
    // A database that cannot even be closed is left to the end of the process.
  }
}

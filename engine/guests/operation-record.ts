/**
 * Operations as the next engine finds them: `operations.jsonl` of the home has a line for the beginning of each and one for
 * its end, the folder `operations` the end of what some wrote. Bounded: see the constants.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../contract/operation.ts';
import { lineFile } from '../host/line-file.ts';
import type { Log } from '../host/log.ts';
import type { AskedCall } from './asking.ts';

/** Of each of the two files (bytes): some five hundred operations. */
const FILE_MAX_BYTES = 256 * 1024;
/** Kept of what one wrote (bytes), and of how many. */
const LOG_MAX_BYTES = 64 * 1024;
const LOGS = 50;
/** A call that is longer (characters of JSON) is not kept beyond this engine. */
const CALL_MAX = 16 * 1024;
/** Fields that may hold what nobody wants on the disk once the guest is gone. */
const SECRET = new Set(['env', 'environment', 'firstLogin', 'password', 'passphrase', 'key', 'text', 'buildArgs']);

export interface Kept {
  readonly operation: Operation;
  readonly call: AskedCall | null;
}

export interface OperationRecord {
  /** Never throws: what cannot be kept is warned of. */
  keep(kept: Kept): void;
  keepLog(id: string, text: Buffer): void;
  /** As they were told last, oldest first. */
  load(): Kept[];
  /** null: it wrote nothing, or that is gone. */
  log(id: string): Buffer | null;
}

export function openOperationRecord(home: string, log: Log): OperationRecord {
  const file = lineFile(join(home, 'operations.jsonl'), FILE_MAX_BYTES);
  const folder = join(home, 'operations');
  let lastWarning = '';
  const carefully = (act: () => void) => {
    try {
      act();
      lastWarning = '';
    } catch (error) {
      if (String(error) !== lastWarning) log.warn('an operation could not be kept', { error });
      lastWarning = String(error);
    }
  };
  return {
    keep: ({ operation, call }) =>
      carefully(() => {
        const { progress: _, ...lasting } = operation;
        file.append(call && isKeepable(call) ? { ...lasting, call } : lasting);
      }),
    keepLog: (id, text) =>
      carefully(() => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const age = (name: string) => statSync(join(folder, name)).mtimeMs;
        const old = readdirSync(folder).sort((a, b) => age(b) - age(a));
        for (const name of old.slice(LOGS - 1)) rmSync(join(folder, name), { force: true });
        writeFileSync(join(folder, `${id}.log`), text.subarray(-LOG_MAX_BYTES), { mode: 0o600 });
      }),
    load() {
      const found = new Map<string, Kept>();
      for (const one of file.read().flatMap(keptOf)) found.set(one.operation.id, one);
      return [...found.values()];
    },
    log(id) {
      try {
        return readFileSync(join(folder, `${id}.log`));
      } catch {
        return null;
      }
    },
  };
}

function isKeepable(call: AskedCall): boolean {
  let secret = false;
  const text = JSON.stringify(call.args, (key, value) => {
    if (SECRET.has(key) && !isEmpty(value)) secret = true;
    return value;
  });
  return !secret && (text?.length ?? 0) <= CALL_MAX;
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** None of a line that is no operation. */
function keptOf(value: unknown): Kept[] {
  const line = value as (Partial<Operation> & { call?: AskedCall }) | null;
  if (!line || !/^[0-9a-f]{12}$/.test(String(line.id)) || typeof line.verb !== 'string') return [];
  if (typeof line.startedAt !== 'number' || typeof line.state !== 'string' || typeof line.target !== 'string')
    return [];
  const { call = null, ...rest } = line;
  const isCall = typeof call?.name === 'string';
  const operation = { targetId: null, endedAt: null, error: null, ...rest, progress: null, cancellable: false };
  return [{ operation: operation as Operation, call: isCall ? call : null }];
}

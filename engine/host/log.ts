/** The engine's own log: one JSON line per event in `engine.log`, kept under a size cap. */
import { appendFileSync, renameSync, statSync } from 'node:fs';

export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** When the file reaches this size (bytes) it becomes `engine.log.1`; so at most twice this is kept. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;

export function createLog(path: string): Log {
  let size = 0;
  try {
    size = statSync(path).size;
  } catch {
    // first start
  }
  const write = (level: string, message: string, fields: Record<string, unknown> = {}) => {
    const line = `${JSON.stringify({ at: new Date().toISOString(), level, message, ...readable(fields) })}\n`;
    try {
      if (size > MAX_LOG_BYTES) {
        renameSync(path, `${path}.1`);
        size = 0;
      }
      appendFileSync(path, line, { mode: 0o600 });
      size += line.length;
    } catch {
      // A full disk must not take the engine down with it.
    }
  };
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

function readable(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? (value.stack ?? value.message) : value,
    ]),
  );
}

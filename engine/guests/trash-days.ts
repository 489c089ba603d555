/** `trash.json`: how long removed guests are kept. */
import { readFileSync } from 'node:fs';
import { writeAtomic } from '../host/files.ts';

/** Long enough for a mistake to be noticed; longer, and a disk fills with what nobody wants. */
const DEFAULT_DAYS = 1;

export const DAY_MS = 24 * 60 * 60_000;

/** A file that is not there or not readable counts as the default. */
export function readKeepDays(path: string): number {
  try {
    const { keepDays } = JSON.parse(readFileSync(path, 'utf8')) as { keepDays?: unknown };
    return Number.isInteger(keepDays) && Number(keepDays) >= 0 ? Number(keepDays) : DEFAULT_DAYS;
  } catch {
    return DEFAULT_DAYS;
  }
}

export async function writeKeepDays(path: string, keepDays: number): Promise<void> {
  await writeAtomic(path, `${JSON.stringify({ keepDays })}\n`);
}

/** Whose process this is. */
import { userInfo } from 'node:os';

let name: string | undefined;

/** The user's name, or its number where the host has no name for it. */
export function userName(): string {
  try {
    name ??= userInfo().username;
  } catch {
    name = String(process.getuid?.() ?? '');
  }
  return name;
}

/** Whether the built command line is that of the sources beside it. Plain JavaScript: it decides what is loaded. */

// Not imported where that can be helped: it would load all of them, see engine/host/lean.ts. Set-up may run on an older Node.
const { readFileSync, statSync } = process.getBuiltinModule?.('node:fs') ?? (await import('node:fs'));
const { fileURLToPath } = process.getBuiltinModule?.('node:url') ?? (await import('node:url'));

/** In the folder of the build: each source with its size (bytes) and time of change (ms). */
export const SOURCES = 'sources.json';

/**
 * The first file of the build, or null when there is none or a source has changed since.
 * @param {URL} root the folder of the project, with a slash at its end
 */
export function builtCommand(root) {
  const folder = new URL('dist/cli/', root);
  const place = fileURLToPath(root);
  try {
    /** @type {[string, number, number][]} */
    const sources = JSON.parse(readFileSync(new URL(SOURCES, folder), 'utf8'));
    for (const [file, size, changedAt] of sources) {
      const now = statSync(place + file);
      if (now.size !== size || now.mtimeMs !== changedAt) return null;
    }
  } catch {
    return null;
  }
  return new URL('main.js', folder);
}

/** The built window's files, by name only: what is not in the list made at start does not exist. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, posix, relative, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

export interface StaticFile {
  readonly type: string;
  readonly body: Buffer;
  /** Names with a content hash never change. */
  readonly immutable: boolean;
}

/** Reads the folder once (a few hundred kilobytes); no request ever becomes a path. */
export function loadStatic(folder: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join(posix.sep);
    files.set(`/${name}`, {
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      body: readFileSync(path),
      immutable: name.startsWith('assets/'),
    });
  }
  const index = files.get('/index.html');
  if (index) files.set('/', index);
  return files;
}

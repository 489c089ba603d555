/**
 * Puts the command line and the engine into few files, dist/cli: most of a short command's time went into finding and
 * loading five hundred. main/cli/guesthouse.js takes them while none of their sources has changed, and the sources
 * otherwise. See engine/decisions/0037-the-command-line-is-built.md.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { SOURCES } from './main/setup/built.js';

const ROOT = dirname(fileURLToPath(import.meta.url));
const OUT = join(ROOT, 'dist', 'cli');
const NEW = join(ROOT, 'dist', `cli-${process.pid}`);
/** Changes with every package that is installed. */
const PACKAGES = 'node_modules/.package-lock.json';
/** A program that runs on may still load a part of an older build (ms). */
const KEEP_MS = 7 * 24 * 3600 * 1000;

/** Path of a source of ours below the project's folder; null for what a package brings. */
function ownSource(id: string): string | null {
  if (!isAbsolute(id)) return null;
  const path = relative(ROOT, id);
  return path.startsWith('..') || path.startsWith('node_modules') ? null : path;
}

/** What a module finds beside itself (threads, the guests' init, the window) it goes on finding beside its source. */
const ownAddress: Plugin = {
  name: 'own-address',
  transform(code, id) {
    if (ownSource(id) === null || !code.includes('import.meta.url')) return null;
    const source = JSON.stringify(relative(OUT, id));
    return { code: code.replaceAll('import.meta.url', `new URL(${source}, import.meta.url).href`), map: null };
  },
};

/** What it is made from, as it was before it was read. */
const stamps = new Map<string, readonly [size: number, changedAt: number]>();
const note = (file: string) => {
  const { size, mtimeMs } = statSync(join(ROOT, file));
  stamps.set(file, [size, mtimeMs]);
};

/** Moves the files to their place one by one, for others may be reading there; the list of sources last, because it makes them valid. */
const publish: Plugin = {
  name: 'publish',
  buildStart() {
    for (const file of [PACKAGES, 'vite.cli.config.ts']) note(file);
  },
  load(id) {
    const source = ownSource(id);
    if (source !== null) note(source);
    return null;
  },
  closeBundle() {
    mkdirSync(OUT, { recursive: true });
    const list = [...stamps].map(([file, stamp]) => [file, ...stamp]);
    writeFileSync(join(NEW, SOURCES), JSON.stringify(list));
    const made = readdirSync(NEW).sort((a, b) => Number(a === SOURCES) - Number(b === SOURCES));
    for (const name of made) renameSync(join(NEW, name), join(OUT, name));
    rmSync(NEW, { recursive: true });
    for (const name of readdirSync(OUT)) {
      const file = join(OUT, name);
      if (Date.now() - statSync(file).mtimeMs > KEEP_MS) rmSync(file);
    }
  },
};

export default defineConfig({
  publicDir: false,
  plugins: [ownAddress, publish],
  ssr: { noExternal: true, external: ['koffi'] },
  build: {
    ssr: true,
    outDir: NEW,
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    rolldownOptions: {
      input: 'main/cli/main.ts',
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});

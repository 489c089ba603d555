/** Builds the window (renderer/) into dist/renderer. The engine and the hosts of it are not built: Node runs them. */

import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const BEGIN = fileURLToPath(new URL('renderer/main.ts', import.meta.url));
const WINDOW = fileURLToPath(new URL('renderer/window.ts', import.meta.url));

/** bits-ui has one index of everything, so that whoever has its menus seems to need these as well. */
const LATER = /\/bits-ui\/dist\/bits\/(?:dialog|alert-dialog|command)\//;

interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** Whether a script needs a module before it runs: itself and all it imports at once. */
function neededBy(entry: string): (id: string, graph: Graph) => boolean {
  const found = new Set([entry]);
  let whole = false;
  return (id, graph) => {
    if (!whole)
      for (const it of found) for (const other of graph.getModuleInfo(it)?.importedIds ?? []) found.add(other);
    whole = true;
    return found.has(id) && !LATER.test(id);
  };
}
const beginNeeds = neededBy(BEGIN);
const windowNeeds = neededBy(WINDOW);

/** The page names the window's own script (renderer/window.ts), so that it is fetched beside the one that begins, not after it. */
const preloadWindow: Plugin = {
  name: 'preload-window',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle }) {
      const chunks = new Map(
        Object.values(bundle ?? {}).flatMap((it) => (it.type === 'chunk' ? [[it.fileName, it]] : [])),
      );
      // Where it is, and the file that is asked for by its name, if that is another one.
      const own = [...chunks.values()].filter(
        (chunk) => chunk.facadeModuleId === WINDOW || chunk.moduleIds.includes(WINDOW),
      );
      if (own.length === 0) throw new Error('The window has no script of its own.');
      const files = new Set(own.map(({ fileName }) => fileName));
      for (const file of files) for (const other of chunks.get(file)?.imports ?? []) files.add(other);
      // After what begins: that is wanted first.
      return [...files]
        .filter((file) => !html.includes(file))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `./${file}` },
          injectTo: 'head' as const,
        }));
    },
  },
};

export default defineConfig({
  root: 'renderer',
  // The same files are served from app://, from http://127.0.0.1 and from the disk.
  base: './',
  plugins: [svelte(), preloadWindow],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // The oldest window in use is Debian 12's Chromium; Electron 45 is newer.
    target: 'chrome120',
    // The policy of the page allows no data: scripts, and small files cost nothing locally.
    assetsInlineLimit: 0,
    // The browsers above can do it themselves.
    modulePreload: { polyfill: false },
    // All styles are there before the first thing is shown.
    cssCodeSplit: false,
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Two files before the first picture, not fifty that the pages have in common with it: each costs the browser time.
          groups: [
            { name: (id, graph) => (beginNeeds(id, graph) ? 'begin' : windowNeeds(id, graph) ? 'window' : null) },
          ],
        },
      },
    },
  },
});

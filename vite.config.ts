/** Builds the window (renderer/) into dist/renderer. The engine and the hosts of it are not built: Node runs them. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** The page names the window's own script (renderer/window.ts), so that it is fetched beside the one that begins, not after it. */
const preloadWindow: Plugin = {
  name: 'preload-window',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle }) {
      const chunks = new Map(
        Object.values(bundle ?? {}).flatMap((it) => (it.type === 'chunk' ? [[it.fileName, it]] : [])),
      );
      const own = [...chunks.values()].find((chunk) => chunk.facadeModuleId?.endsWith('/renderer/window.ts'));
      if (!own) throw new Error('The window has no script of its own.');
      const files = new Set([own.fileName]);
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
    // All styles are there before the first thing is shown.
    cssCodeSplit: false,
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
  },
});

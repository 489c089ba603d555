/** Builds the window (renderer/) into dist/renderer. The engine and the hosts of it are not built: Node runs them. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'renderer',
  // The same files are served from app://, from http://127.0.0.1 and from the disk.
  base: './',
  plugins: [svelte()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // The oldest window in use is Debian 12's Chromium; Electron 45 is newer.
    target: 'chrome120',
    // The policy of the page allows no data: scripts, and small files cost nothing locally.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
  },
});

/**
 * Compiles what Electron loads into dist/electron: `--mode main` the engine and its host, file by file, so that paths
 * relative to a source file (the guest's init, worker threads) stay true; `--mode preload` the one script of the
 * sandbox, which must be a single CommonJS file. Packages stay packages.
 */
import { cpSync } from 'node:fs';
import { defineConfig } from 'vite';

const OUT = 'dist/electron';

const host = defineConfig({
  publicDir: false,
  plugins: [
    {
      name: 'guest-files',
      closeBundle: () => {
        for (const name of ['guest-init', 'rescue-init'])
          cpSync(`assets/${name}`, `${OUT}/assets/${name}`, { recursive: true });
      },
    },
  ],
  build: {
    ssr: true,
    outDir: OUT,
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    rolldownOptions: {
      input: [
        'main/electron/main.ts',
        'main/keep.ts',
        'engine/drivers/oci/poll-worker.ts',
        'engine/drivers/qemu/rescue/derive/main.ts',
        'engine/host/spawn-worker.ts',
        'engine/images/unpack/worker.ts',
        'engine/networks/relay/main.ts',
      ],
      external: ['electron'],
      output: { format: 'es', preserveModules: true, preserveModulesRoot: '.', entryFileNames: '[name].js' },
    },
  },
});

const preload = defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: OUT,
    emptyOutDir: false,
    minify: false,
    rolldownOptions: {
      input: 'main/electron/preload.ts',
      external: ['electron'],
      output: { format: 'cjs', entryFileNames: 'main/electron/preload.cjs' },
    },
  },
});

export default defineConfig(({ mode }) => (mode === 'preload' ? preload : host));

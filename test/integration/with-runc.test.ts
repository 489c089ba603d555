/** Containers and what is asked of their runs, under runc too: where both runtimes work, crun is the one chosen. */
process.env.GUESTHOUSE_RUNTIME = 'runc';
await import('./oci.test.ts');
await import('./run-options.test.ts');

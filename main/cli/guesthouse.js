#!/usr/bin/env -S node --
/** `guesthouse …`. Plain JavaScript, so that whatever Node finds it first can hand over to the Node that is needed. */
import module from 'node:module';
import { builtCommand } from '../setup/built.js';

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Parsing and stripping types is most of the start of a short command.
  module.enableCompileCache();
  if (process.env.GUESTHOUSE_LAUNCHER && process.channel) {
    delete process.env.GUESTHOUSE_LAUNCHER;
    // The launcher below can be killed without a word to us; whoever did that meant this process.
    process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel.unref();
  }
  const built = builtCommand(new URL('../../', import.meta.url));
  await import(built?.href ?? './main.ts');
} else {
  const [{ spawn }, { existsSync }, { constants }, { fileURLToPath }] = await Promise.all([
    import('node:child_process'),
    import('node:fs'),
    import('node:os'),
    import('node:url'),
  ]);
  const own = fileURLToPath(import.meta.url);
  const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
  if (existsSync(node)) {
    // Without the dashes Node takes a guest's `--env-file` for its own, wherever it stands.
    const child = spawn(node, ['--', own, ...process.argv.slice(2)], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, GUESTHOUSE_LAUNCHER: '1' },
    });
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
    // A terminal sends Ctrl-C to the child as well; anybody else means it by sending it to us.
    process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
    child.on('close', (code, signal) => {
      process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
    });
  } else {
    process.stderr.write(
      'guesthouse: Guesthouse is not set up yet. Run `npm start` or `npm run setup` in its folder once.\n',
    );
    process.exitCode = 1;
  }
}

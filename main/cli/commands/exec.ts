/** `guesthouse exec [-t] NAME CMD...`: exits with the program's own code. */
import type { CallArgs } from '../../../engine/contract/api.ts';
import type { Client } from '../../../engine/contract/client.ts';
import { toErrorShape } from '../../../engine/contract/errors.ts';
import type { ConsoleSession } from '../../../engine/contract/guest.ts';
import { misused, oneName, parseLeading } from '../args.ts';
import { withEngine } from '../engine.ts';
import { readEnvFile, variables } from '../options/environment.ts';
import { printError } from '../print.ts';
import { showSession } from '../session.ts';

/** Of `exec`, for a guest or a service. */
export const EXEC_OPTIONS = {
  tty: { type: 'boolean', short: 't' },
  interactive: { type: 'boolean', short: 'i' },
  detach: { type: 'boolean', short: 'd' },
  user: { type: 'string', short: 'u' },
  workdir: { type: 'string', short: 'w' },
  env: { type: 'string', short: 'e', multiple: true },
  'env-file': { type: 'string', multiple: true },
} as const;

export async function run(args: readonly string[]): Promise<number> {
  const { values, names, command } = parseLeading(args, EXEC_OPTIONS);
  const guest = oneName(names, 'exec');
  const tty = values.tty ?? false;
  if (!tty && (command === null || command.length === 0))
    throw misused('`exec` needs a command.', 'Write e.g. guesthouse exec NAME ls /, or -t for a shell.');
  return execute({ guest, command: command ?? [], tty, ...execOptions(values) }, values.detach ?? false);
}

/** `guesthouse shell NAME`: the best shell the image has, or with tools of ours where it has none. */
export async function shell(args: readonly string[]): Promise<number> {
  const { values, names, command } = parseLeading(args, {
    user: EXEC_OPTIONS.user,
    workdir: EXEC_OPTIONS.workdir,
    env: EXEC_OPTIONS.env,
    borrowed: { type: 'boolean' },
  });
  const guest = oneName(names, 'shell');
  const request = { guest, command: command ?? [], tty: process.stdin.isTTY === true, ...execOptions(values) };
  return execute({ ...request, ...(values.borrowed ? { borrowed: true } : {}) }, false);
}

/** What those options ask of the engine. */
export function execOptions(values: {
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  readonly env?: string[] | undefined;
  readonly 'env-file'?: string[] | undefined;
}): Pick<CallArgs<'consoles.exec'>, 'user' | 'workingDir' | 'env'> {
  const files = (values['env-file'] ?? []).map((path) => readEnvFile(path));
  const env = Object.entries(Object.assign({}, ...files, variables(values.env ?? [])) as Record<string, string>);
  return {
    ...(values.user === undefined ? {} : { user: values.user }),
    ...(values.workdir === undefined ? {} : { workingDir: values.workdir }),
    ...(env.length === 0 ? {} : { env: env.map(([name, value]) => `${name}=${value}`) }),
  };
}

/** Runs it with this terminal; answers its exit code. `detach`: only says which session it is. */
export function execute(request: CallArgs<'consoles.exec'>, detach: boolean): Promise<number> {
  const { columns, rows } = process.stdout;
  return withEngine(
    async (client) => {
      const size = { ...(columns ? { columns } : {}), ...(rows ? { rows } : {}) };
      const session = await begin(client, { ...request, ...size });
      if (typeof session === 'number') return session;
      if (detach) {
        process.stdout.write(`${session.id}\n`);
        return 0;
      }
      const close = () => client.call('consoles.close', { session: session.id }).catch(() => {});
      const interrupt = () => void close();
      process.on('SIGINT', interrupt);
      process.on('SIGTERM', interrupt);
      try {
        const end = await showSession(client, { console: { session: session.id }, input: true, leaveKeys: null });
        return end.left ? 0 : (end.exitCode ?? 130);
      } finally {
        process.off('SIGINT', interrupt);
        process.off('SIGTERM', interrupt);
        await close();
      }
    },
    { long: request.tty },
  );
}

/** As shells do: 127 when there is no such program in the guest, 126 when it cannot be executed. */
async function begin(client: Client, args: CallArgs<'consoles.exec'>): Promise<ConsoleSession | number> {
  try {
    return await client.call('consoles.exec', args);
  } catch (error) {
    const shape = toErrorShape(error);
    if (shape.subject !== args.command[0] || (shape.code !== 'not-found' && shape.code !== 'denied')) throw error;
    printError(shape);
    return shape.code === 'not-found' ? 127 : 126;
  }
}

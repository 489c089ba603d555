/** `guesthouse serve`: runs until it is ended; guests go on. */
import { resolvePaths } from '../../../engine/host/paths.ts';
import { connectOrOpen, type Joined } from '../../join.ts';
import { serve } from '../../server/serve.ts';
import { misused, number, parse } from '../args.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, { port: { type: 'string' }, json: { type: 'boolean' } });
  const port = number(values.port, '--port') ?? 0;
  if (!Number.isInteger(port) || port > 65_535)
    throw misused(`${values.port} is not a port.`, 'Ports are 1 to 65535; 0 chooses one.');
  const paths = resolvePaths();
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end.abort());

  let joined: Joined = await connectOrOpen({ paths, background: true });
  const served = await serve({ accept: (carrier) => joined.accept(carrier), home: paths.home, port }).catch(
    async (error) => {
      await joined.close();
      throw error;
    },
  );
  if (values.json) process.stdout.write(`${JSON.stringify({ url: served.url, launchUrl: served.launchUrl })}\n`);
  else process.stdout.write(`Guesthouse is open at ${served.url}\nCtrl-C closes the window's server; guests go on.\n`);

  const ended = new Promise<'ended'>((resolve) => end.signal.addEventListener('abort', () => resolve('ended')));
  // When the owner this process had joined goes away, its place is taken.
  try {
    while ((await Promise.race([ended, joined.client.closed])) !== 'ended' && !end.signal.aborted) {
      joined = await connectOrOpen({ paths, background: true });
    }
  } finally {
    await served.close();
    await joined.close();
  }
  return undefined;
}

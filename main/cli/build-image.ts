/** A build from a Containerfile, its log shown on stderr as it is written; Ctrl-C cancels it. */
import type { StateEvent } from '../../engine/contract/api.ts';
import type { Client } from '../../engine/contract/client.ts';
import type { ContainerBuild, Image } from '../../engine/contract/image.ts';
import { toStderr } from './stream.ts';

export async function buildImage(client: Client, build: ContainerBuild, { quiet = false } = {}): Promise<Image> {
  const known = new Set<string>();
  const output = toStderr();
  let operation: string | null = null;
  let log: Promise<unknown> | null = null;
  const cancel = () => {
    if (operation) client.call('operations.cancel', { operation }).catch(() => {});
  };
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  const onEvent = (event: StateEvent) => {
    if (event.type === 'snapshot') {
      for (const { id } of event.operations) known.add(id);
      resolve();
    }
    if (event.type !== 'operation' || log !== null) return;
    const { id, verb, target, state, hasLog } = event.operation;
    if (verb !== 'build-image' || target !== build.name || known.has(id) || state !== 'running') return;
    operation = id;
    if (hasLog && !quiet) log = showLog(id);
  };
  const unsubscribe = client.subscribe('state', {}, onEvent, () => resolve());
  const showLog = (id: string) =>
    client
      .open(
        'operation',
        { operation: id },
        {
          onData: (bytes, stream) => output.write(bytes, () => stream.consumed(bytes.length)),
        },
      )
      .then((stream) => stream.ended)
      .catch(() => {});
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  try {
    // What happens is heard from the first snapshot on.
    await listening;
    return await client.call('images.buildContainer', build);
  } finally {
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
    await log;
    await output.flushed();
    unsubscribe();
  }
}

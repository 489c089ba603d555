/** A file that comes as bytes: kept in a folder of its own until what it becomes is made. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineStreams } from '../contract/api.ts';
import { GuesthouseError, toErrorShape } from '../contract/errors.ts';
import { explainSpace, requireSpace } from '../host/space.ts';
import { createIntake } from '../streams/intake.ts';
import type { StreamContext, StreamSink, StreamSource } from './streams.ts';

/** Where they are kept meanwhile; whatever is in it when the engine starts is of one that was killed. */
export const incomingFolder = (home: string): string => join(home, 'incoming');

type End = EngineStreams['receive']['end'];

export async function openReceive(
  { name, sizeBytes, as }: EngineStreams['receive']['args'],
  sink: StreamSink,
  context: StreamContext,
): Promise<StreamSource<'receive'>> {
  const { home } = context.paths;
  await requireSpace(home, sizeBytes, `receiving ${name}`);
  const folder = join(incomingFolder(home), randomBytes(6).toString('hex'));
  const path = join(folder, name);
  const intake = createIntake((count) => sink.credit(count));
  let over = false;

  const act = async (): Promise<End> => {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await keep(path, intake.taken(), name, sizeBytes);
      return await made(path, name, as, context);
    } catch (error) {
      throw explainSpace(error, home, `receiving ${name}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  act().then(
    (info) => over || sink.end({ info }),
    (error) => over || sink.end({ error: toErrorShape(error) }),
  );
  return {
    opened: { name },
    bytes: (piece) => intake.put(piece),
    control: () => intake.end(),
    grant: () => {},
    close: () => {
      over = true;
      intake.cut();
    },
  };
}

async function keep(path: string, pieces: AsyncIterable<Uint8Array>, name: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  let received = 0;
  try {
    for await (const piece of pieces) {
      received += piece.length;
      if (received > sizeBytes) break;
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
  if (received === sizeBytes) return;
  throw new GuesthouseError({
    code: 'bad-data',
    message: `${name} did not come as the ${sizeBytes} bytes it was said to have.`,
    subject: name,
    hint: 'It may have been changed meanwhile: try again.',
  });
}

async function made(
  path: string,
  name: string,
  as: 'image' | 'guest',
  { images, guests, operations }: StreamContext,
): Promise<End> {
  if (as === 'guest') return { made: 'guest', guest: await guests.import(path, undefined) };
  const image = await operations.run(
    { verb: 'import-image', targetId: null, target: name, cancellable: true },
    (operation) => images.import(path, undefined, operation),
  );
  return { made: 'image', image };
}

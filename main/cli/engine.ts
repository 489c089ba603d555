/** A client of the engine for the length of one command. */
import type { Client } from '../../engine/contract/client.ts';
import { type GuesthouseError, toErrorShape } from '../../engine/contract/errors.ts';
import { resolvePaths } from '../../engine/host/paths.ts';
import { connectOrOpen, type Joined, type JoinOptions } from '../join.ts';
import { tellWhile } from './told.ts';

/** The engine, whoever owns it now. */
export interface EngineClient extends Client {
  /**
   * After `disconnected`: joins whoever owns the engine now, or becomes the owner. False: this process was the owner itself,
   * so there is nobody to go to. What was asked of the one before may or may not have been done.
   */
  again(): Promise<boolean>;
}

/**
 * Joins the owner, or owns the engine while `act` runs. `long`: it may go on for hours (a console, a log followed), so
 * as the owner it measures and keeps history for windows that join. `soon`: as in EngineOptions.
 */
export async function withEngine<T>(
  act: (client: EngineClient) => Promise<T>,
  { long = false, soon, by = 'cli' }: { long?: boolean } & Pick<JoinOptions, 'soon' | 'by'> = {},
): Promise<T> {
  const options = { paths: resolvePaths(), background: long, soon, by };
  let joined = await connectOrOpen(options);
  let joining: Promise<Joined> | null = null;
  const lost = new WeakSet<Joined>();
  const watch = (one: Joined) => void one.client.closed.then(() => lost.add(one));
  watch(joined);
  const client: EngineClient = {
    call: (method, args, more) => joined.client.call(method, args, more),
    subscribe: (topic, args, onEvent, onEnd) => joined.client.subscribe(topic, args, onEvent, onEnd),
    open: (kind, args, handlers) => joined.client.open(kind, args, handlers),
    get closed() {
      return joined.client.closed;
    },
    close: () => joined.client.close(),
    async again() {
      if (joined.engine) return false;
      if (!lost.has(joined)) return true; // somebody else in this command was faster
      joining ??= connectOrOpen(options).finally(() => {
        joining = null;
      });
      const next = await joining;
      if (next !== joined) watch(next);
      joined = next;
      return true;
    },
  };
  let done: T;
  try {
    done = await act(client);
  } catch (error) {
    await tellWhile(error, joined.close());
    throw error;
  }
  await joined.close();
  return done;
}

/** Whether an error means that the owner ended, and another one was found. */
export async function goesOn(client: EngineClient, error: GuesthouseError | unknown): Promise<boolean> {
  return toErrorShape(error).code === 'disconnected' && client.again();
}

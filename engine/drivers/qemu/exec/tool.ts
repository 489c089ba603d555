/** A program run in a guest for us: its output as it comes, its errors kept for the failure, its end waited for. */
import { GuesthouseError } from '../../../contract/errors.ts';
import { tail, toolFailed } from '../../../host/process.ts';
import type { ConsoleEndpoint } from '../../driver.ts';

export interface ToolRun {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly input?: AsyncIterable<Uint8Array> | undefined;
  readonly okCodes?: readonly number[] | undefined;
  /** Ends the program. */
  end(): Promise<void>;
}

const MAX_ERROR_BYTES = 64 * 1024;
/** Output that waits to be taken, before the program is held (bytes). */
const HIGH_BYTES = 256 * 1024;

/** Throws as `run` does (host/process.ts); whoever stops reading ends the program. */
export async function* runTool(endpoint: ConsoleEndpoint, run: ToolRun): AsyncGenerator<Buffer> {
  const parts: Buffer[] = [];
  let waiting = 0;
  let errors = '';
  let over: { code: number | null } | null = null;
  let failure: unknown = null;
  let wake: () => void = () => {};
  const fail = (error: unknown) => {
    failure ??= error;
    wake();
  };
  const timer = setTimeout(() => fail(late(endpoint.title, run.timeoutMs)), run.timeoutMs);
  const onAbort = () =>
    fail(new GuesthouseError({ code: 'cancelled', message: 'Cancelled.', subject: endpoint.title }));
  run.signal?.addEventListener('abort', onAbort, { once: true });
  if (run.signal?.aborted) onAbort();
  await endpoint.start({
    onData(bytes, channel) {
      if (channel === 'stderr') errors = `${errors}${Buffer.from(bytes)}`.slice(-MAX_ERROR_BYTES);
      else {
        parts.push(Buffer.from(bytes));
        waiting += bytes.length;
        if (waiting > HIGH_BYTES) endpoint.pause();
      }
      wake();
    },
    onEnd(code) {
      over = { code };
      wake();
    },
  });
  feed(endpoint, run.input).catch(fail);
  try {
    for (;;) {
      if (failure !== null) throw failure;
      const part = parts.shift();
      if (part) {
        waiting -= part.length;
        if (parts.length === 0) endpoint.resume();
        yield part;
      } else if (over) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    const { code } = over as { code: number | null };
    if (code === null || !(run.okCodes ?? [0]).includes(code)) {
      throw toolFailed(endpoint.title, tail(errors) || 'It was ended.', code ?? 128);
    }
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', onAbort);
    if (!over) await run.end();
  }
}

async function feed(endpoint: ConsoleEndpoint, input: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  for await (const bytes of input ?? []) if (!endpoint.write(bytes)) await endpoint.drained();
  endpoint.endInput();
}

function late(title: string, timeoutMs: number): GuesthouseError {
  return new GuesthouseError({
    code: 'timeout',
    message: `${title} did not finish within ${timeoutMs / 1000} s.`,
    subject: title,
  });
}

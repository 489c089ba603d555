/** This terminal joined to a console session: keys as they are typed, the size as it changes. */
import type { ClientStream } from '../../engine/contract/client.ts';
import { createDetach } from './detach-keys.ts';

export interface TerminalOptions {
  /** What is typed is passed on; otherwise only the size is. */
  readonly input: boolean;
  /** The far end is a terminal: keys are passed on one by one, Ctrl-C as well. */
  readonly raw: boolean;
  /** Typed one after the other they close the stream instead of being sent; null: nothing does. */
  readonly leaveKeys: Uint8Array | null;
  readonly onLeave: () => void;
}

/** Answers the function that gives the terminal back as it was. */
export function joinTerminal(stream: ClientStream<'console'>, options: TerminalOptions): () => void {
  const { stdin, stdout } = process;
  const isRaw = options.raw && options.input && stdin.isTTY === true;
  const resize = () => {
    // A terminal without a window says 0 by 0.
    if (stdout.columns > 0 && stdout.rows > 0)
      stream.control({ type: 'resize', columns: stdout.columns, rows: stdout.rows });
  };
  const detach = options.leaveKeys && createDetach(options.leaveKeys);
  const onData = (chunk: Buffer) => {
    const { pass, left } = detach?.(chunk) ?? { pass: new Uint8Array(chunk), left: false };
    if (pass.length > 0 && stream.write(pass) > 0) {
      stdin.pause();
      void stream.drained().then(() => stdin.resume());
    }
    if (left) options.onLeave();
  };
  const onEnd = () => stream.control({ type: 'stdin-end' });
  if (isRaw) stdin.setRawMode(true);
  if (options.input) {
    stdin.on('data', onData);
    stdin.on('end', onEnd);
  } else if (!options.raw) onEnd();
  stdout.on('resize', resize);
  resize();
  return () => {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdout.off('resize', resize);
    if (isRaw) stdin.setRawMode(false);
    stdin.pause();
    stdin.unref?.();
  };
}

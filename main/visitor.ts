/** Whether another process still waits for something of this engine: a short command that owns it must not leave then. */
import type { Carrier, ClientMessage, ServerMessage } from '../engine/contract/wire.ts';

/** A visitor that just came has not asked yet, and one that was just answered may ask once more (ms). */
const PATIENCE_MS = 300;
const LOOK_MS = 20;

export interface Visitor {
  readonly carrier: Carrier;
  /** True while a call of it is unanswered, a program it runs in a guest goes on, or it may still ask. */
  waits(): boolean;
}

/** Looks over what passes between a client and the engine; changes nothing of it. */
export function watchVisitor(inner: Carrier): Visitor {
  const open = new Set<number>();
  let quietSince = performance.now();
  let gone = false;
  const settle = (id: number) => {
    if (open.delete(id)) quietSince = performance.now();
  };
  const carrier: Carrier = {
    sendMessage: (message) => {
      const { t, id } = message as ServerMessage & { id: number };
      if (t === 'result' || t === 'error' || t === 'end') settle(id);
      inner.sendMessage(message);
    },
    sendBytes: (id, bytes) => inner.sendBytes(id, bytes),
    onMessage: () => {},
    onBytes: () => {},
    onClose: () => {},
    close: () => inner.close(),
  };
  inner.onMessage = (raw) => {
    const message = raw as ClientMessage;
    if (message?.t === 'call' || isRunning(message)) open.add(message.id);
    else if (message?.t === 'close') settle(message.id);
    carrier.onMessage(raw);
  };
  inner.onBytes = (id, bytes) => carrier.onBytes(id, bytes);
  inner.onClose = (reason) => {
    gone = true;
    carrier.onClose(reason);
  };
  return { carrier, waits: () => !gone && (open.size > 0 || performance.now() - quietSince < PATIENCE_MS) };
}

/** A console of one session is a command somebody waits for; whoever merely looks on comes back by himself. */
const isRunning = (message: ClientMessage): message is ClientMessage & { t: 'open' } =>
  message?.t === 'open' && message.kind === 'console' && 'session' in ((message.args as object | null) ?? {});

/** Resolves when no visitor waits any more, or after `timeoutMs`. */
export async function untilServed(visitors: ReadonlySet<Visitor>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while ([...visitors].some((visitor) => visitor.waits()) && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

/** One connection to QEMU's monitor. QEMU serves one at a time, so a running guest has exactly one of these. */
import type { Socket } from 'node:net';
import { GuesthouseError } from '../../../contract/errors.ts';
import { sendWithDescriptor } from '../../../host/send-descriptor.ts';
import { GREETING_TIMEOUT_MS, QMP_COMMANDS, type QmpCommand } from './deadlines.ts';
import { type QmpMessage, QmpParser } from './protocol.ts';

export interface QmpHandlers {
  onEvent(name: string, data: Record<string, unknown>): void;
  /** Called once, when the connection is gone for whatever reason. */
  onClose(): void;
}

export interface Qmp {
  readonly version: string;
  /**
   * Throws `timeout` (QEMU is silent), `disconnected` (it is gone) or `guest-failed` (it refused, and why).
   * `descriptor`: an open file that goes with it (see hand-over.ts); the caller closes its own.
   */
  execute(command: QmpCommand, args?: Record<string, unknown>, descriptor?: number): Promise<unknown>;
  close(): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: GuesthouseError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Greets and negotiates on a connected socket. On failure the socket is closed. `deadlines`: for tests. */
export async function openQmp(
  socket: Socket,
  handlers: QmpHandlers,
  deadlines: Readonly<Record<QmpCommand, number>> & { greeting?: number } = QMP_COMMANDS,
): Promise<Qmp> {
  const parser = new QmpParser();
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let closed = false;
  let ready = false;
  let greet: (version: string) => void = () => {};
  let refuse: (error: GuesthouseError) => void = () => {};

  const take = (id: number): Waiting | undefined => {
    const entry = waiting.get(id);
    waiting.delete(id);
    clearTimeout(entry?.timer);
    return entry;
  };
  const receive = (message: QmpMessage) => {
    switch (message.kind) {
      case 'greeting':
        return greet(message.version);
      case 'return':
        return take(message.id)?.resolve(message.value);
      case 'error':
        if (message.id === null) return;
        return take(message.id)?.reject(
          new GuesthouseError({ code: 'guest-failed', message: 'QEMU refused a request.', cause: message.reason }),
        );
      case 'event':
        return handlers.onEvent(message.name, message.data);
      case 'garbage':
        return; // whatever was asked will run into its deadline
    }
  };
  socket.on('data', (bytes: Buffer) => {
    for (const message of parser.push(bytes)) receive(message);
  });
  socket.on('error', () => {}); // 'close' follows
  socket.on('close', () => {
    closed = true;
    for (const id of [...waiting.keys()]) take(id)?.reject(gone());
    refuse(gone());
    if (ready) handlers.onClose();
  });

  /** While a descriptor is on its way, whatever comes after it waits. */
  let sending: Promise<void> | null = null;
  const execute: Qmp['execute'] = (command, args, descriptor) =>
    new Promise((resolve, reject) => {
      if (closed) return reject(gone());
      const id = nextId++;
      const timer = setTimeout(() => take(id)?.reject(silent(command)), deadlines[command]);
      waiting.set(id, { resolve, reject, timer });
      const line = `${JSON.stringify({ execute: command, ...(args ? { arguments: args } : {}), id })}\n`;
      const write = async () => {
        if (descriptor === undefined) socket.write(line);
        else await sendWithDescriptor(socket, line, descriptor, deadlines[command]);
      };
      if (descriptor === undefined && sending === null) return void write();
      const turn = (sending ?? Promise.resolve()).then(write).catch((error) => take(id)?.reject(error));
      sending = turn.then(() => {
        if (sending === held) sending = null;
      });
      const held = sending;
    });

  try {
    const version = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(silent('greeting')), deadlines.greeting ?? GREETING_TIMEOUT_MS);
      greet = (text) => {
        clearTimeout(timer);
        resolve(text);
      };
      refuse = (error) => {
        clearTimeout(timer);
        reject(error);
      };
    });
    await execute('qmp_capabilities');
    ready = true;
    return { version, execute, close: () => socket.destroy() };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function silent(command: string): GuesthouseError {
  return new GuesthouseError({
    code: 'timeout',
    message: 'QEMU does not answer.',
    cause: `No answer to ${command} in time.`,
    hint: 'It may be stopped or stuck. Wait, or kill the guest.',
  });
}

function gone(): GuesthouseError {
  return new GuesthouseError({ code: 'disconnected', message: 'QEMU has ended.' });
}

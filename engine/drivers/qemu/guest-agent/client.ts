/**
 * qemu-guest-agent in a guest, over the virtio-serial port it looks for. One conversation at a time: the agent answers in
 * order and knows no ids, so each begins with guest-sync-delimited, after which what is read is the answer to what was
 * asked. An answer that does not come in time, or is not one, ends the connection.
 */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { GuesthouseError } from '../../../contract/errors.ts';
import { connectUnix } from '../connect.ts';
import { type Answer, AnswerReader, DELIMITER } from './answer.ts';
import { AGENT_COMMANDS, type AgentCommand, type AgentCommandName } from './commands.ts';

/** Numbers that a JSON reader with doubles keeps exact. */
const MAX_SYNC = 2 ** 40;

export interface GuestAgent {
  /**
   * Throws `unsupported` (no agent runs in the guest, or it may not do this), `timeout`, `bad-data` (it answers nonsense),
   * `guest-failed` (it refused, and why) or `disconnected`.
   */
  execute(command: AgentCommandName, args?: Record<string, unknown>): Promise<unknown>;
  /** For a command that has no answer when it succeeds (guest-shutdown): resolves once it was sent. */
  tell(command: AgentCommandName, args?: Record<string, unknown>): Promise<void>;
  /** Whether something in the guest has the port open. */
  isThere(): Promise<boolean>;
  close(): void;
}

export interface AgentLink {
  readonly guestName: string;
  readonly socketPath: string;
  /** Whether the guest has the port open, by QEMU. */
  isOpen(): Promise<boolean>;
  /** For tests. */
  readonly commands?: Readonly<Record<AgentCommandName, AgentCommand>>;
}

export function createGuestAgent({ guestName, socketPath, isOpen, commands = AGENT_COMMANDS }: AgentLink): GuestAgent {
  let socket: Socket | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;

  const drop = () => {
    socket?.destroy();
    socket = null;
  };
  const connected = async (): Promise<Socket> => {
    if (socket && !socket.destroyed) return socket;
    const made = await connectUnix(socketPath);
    made.unref();
    made.on('error', () => {}); // 'close' follows
    socket = made;
    if (closed) drop();
    return made;
  };
  /** Sends a line and reads what comes next. */
  const ask = (request: Buffer, name: AgentCommandName, turnMs?: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { maxBytes } = commands[name];
      const timeoutMs = turnMs ?? commands[name].timeoutMs;
      const reader = new AnswerReader(maxBytes, name === 'guest-sync-delimited');
      const link = socket;
      if (!link) return reject(gone(guestName));
      const settle = (how: () => void) => {
        clearTimeout(timer);
        link.off('data', onData);
        link.off('close', onClose);
        link.pause();
        how();
      };
      const onData = (bytes: Buffer) => {
        const answer = reader.push(bytes);
        if (answer) settle(() => resolve(answer));
      };
      const onClose = () => settle(() => reject(gone(guestName)));
      const timer = setTimeout(() => settle(() => reject(silent(guestName, name, timeoutMs))), timeoutMs);
      link.on('data', onData);
      link.on('close', onClose);
      link.resume();
      link.write(request);
    });
  const requestLine = (name: AgentCommandName, args?: Record<string, unknown>) =>
    Buffer.from(`${JSON.stringify({ execute: name, ...(args ? { arguments: args } : {}) })}\n`);

  const synchronise = async (turnMs: number | undefined) => {
    await connected();
    const id = randomInt(1, MAX_SYNC);
    const line = Buffer.concat([Buffer.from([DELIMITER]), requestLine('guest-sync-delimited', { id })]);
    const answer = await ask(line, 'guest-sync-delimited', turnMs);
    if (answer.kind !== 'return' || answer.value !== id) throw nonsense(guestName, 'It does not answer in turn.');
  };
  /** One after the other, and after a failure on a connection of its own. */
  const inTurn = <T>(name: AgentCommandName, act: () => Promise<T>): Promise<T> => {
    const mine = turn.then(async () => {
      if (!(await isOpen())) throw missing(guestName);
      try {
        await synchronise(commands[name].turnTimeoutMs);
        return await act();
      } catch (error) {
        if (!(error instanceof GuesthouseError) || error.code !== 'guest-failed') drop();
        throw error;
      }
    });
    turn = mine.catch(() => {});
    return mine;
  };

  return {
    execute: (name, args) =>
      inTurn(name, async () => {
        const answer = await ask(requestLine(name, args), name);
        if (answer.kind === 'return') return answer.value;
        if (answer.kind === 'garbage') throw nonsense(guestName, answer.why);
        // The words of QEMU's qmp-dispatch.c.
        if (/^(The c|C)ommand \S+ has (not been found|been disabled)/.test(answer.reason))
          throw forbidden(guestName, name, answer.reason);
        throw new GuesthouseError({
          code: 'guest-failed',
          message: `The guest agent of ${guestName} refused a request.`,
          subject: name,
          cause: answer.reason,
        });
      }),
    tell: (command, args) =>
      inTurn(
        command,
        () =>
          new Promise<void>((resolve, reject) => {
            if (!socket) return reject(gone(guestName));
            socket.write(requestLine(command, args), () => resolve());
          }),
      ),
    isThere: isOpen,
    close() {
      closed = true;
      drop();
    },
  };
}

function missing(guest: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `No guest agent runs in ${guest}.`,
    subject: guest,
    hint: 'Install the package qemu-guest-agent in it, and start its service.',
  });
}

function forbidden(guest: string, command: string, cause: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `The guest agent of ${guest} may not do this.`,
    subject: command,
    cause,
    hint: `Allow it ${command} (in the guest: /etc/qemu/qemu-ga.conf, on Fedora and its relatives also /etc/sysconfig/qemu-ga), and restart it.`,
  });
}

function silent(guest: string, command: string, timeoutMs: number): GuesthouseError {
  return new GuesthouseError({
    code: 'timeout',
    message: `The guest agent of ${guest} does not answer.`,
    subject: guest,
    cause: `No answer to ${command} within ${timeoutMs / 1000} s.`,
    hint: 'The guest may be busy or stuck; restart the agent’s service in it.',
  });
}

function nonsense(guest: string, cause: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The guest agent of ${guest} answers nonsense.`,
    subject: guest,
    cause,
  });
}

function gone(guest: string): GuesthouseError {
  return new GuesthouseError({ code: 'disconnected', message: `${guest} has ended.`, subject: guest });
}

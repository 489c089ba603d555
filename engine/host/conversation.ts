/**
 * A program that is told line after line and answers on its standard error, kept running because starting it for each
 * question costs more than the answer.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { GuesthouseError } from '../contract/errors.ts';
import { cleanEnv } from './process.ts';

export interface Conversation {
  /**
   * Sends text and resolves with the standard error that came before `end` was seen in it, without the match itself.
   * One question at a time; later ones wait. Throws `disconnected` when the program ended, `timeout` after `timeoutMs`.
   */
  ask(text: string, end: RegExp, timeoutMs: number): Promise<string>;
  readonly ended: boolean;
  /** Ends its input, whereupon it ends. */
  close(): void;
}

/** Starts it. It does not keep this process alive and ends with it (end of its standard input). */
export function converse(argv: readonly string[]): Conversation {
  const [command, ...args] = argv as [string, ...string[]];
  const child = spawn(command, args, { env: cleanEnv(), stdio: ['pipe', 'ignore', 'pipe'], cwd: '/' });
  child.unref();
  for (const pipe of [child.stdin, child.stderr]) (pipe as unknown as Socket).unref?.();
  let heard = '';
  let ended = false;
  let onNews: () => void = () => {};
  let queue: Promise<unknown> = Promise.resolve();
  const end = () => {
    ended = true;
    onNews();
  };
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    heard += chunk;
    onNews();
  });
  child.stdin.on('error', end);
  child.on('error', end);
  child.on('close', end);

  const askNow = (text: string, until: RegExp, timeoutMs: number) =>
    new Promise<string>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        onNews = () => {};
        settle();
      };
      const fail = (code: 'timeout' | 'disconnected', message: string) =>
        finish(() => reject(new GuesthouseError({ code, message, subject: command, cause: heard.slice(-400) })));
      const timer = setTimeout(() => {
        // Its late answer would be taken for that of the next question.
        child.stdin.destroy();
        child.kill('SIGKILL');
        fail('timeout', `${command} did not answer within ${timeoutMs / 1000} s.`);
      }, timeoutMs);
      onNews = () => {
        const match = until.exec(heard);
        if (match) {
          const answer = heard.slice(0, match.index);
          heard = heard.slice(match.index + match[0].length);
          finish(() => resolve(answer));
        } else if (ended) fail('disconnected', `${command} ended unexpectedly.`);
      };
      if (ended) return onNews();
      child.stdin.write(text);
    });

  return {
    ask(text, until, timeoutMs) {
      const turn = queue.then(() => askNow(text, until, timeoutMs));
      queue = turn.catch(() => {});
      return turn;
    },
    get ended() {
      return ended;
    },
    close() {
      child.stdin.end();
    },
  };
}

/** A secret typed at the terminal, of which nothing is shown, or in a file: never on the command line. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { GuesthouseError } from '../../engine/contract/errors.ts';
import { misused } from './args.ts';
import { readText } from './options/environment.ts';

/** One line; the line break at its end is not part of it. `-`: standard input. Throws `invalid`. */
export function secretFrom(path: string, option: string): string {
  if (path === '-' && process.stdin.isTTY) throw misused(`Nothing is piped to ${option} -.`, 'Give a file instead.');
  return (path === '-' ? readFileSync(0, 'utf8') : readText(path, option)).replace(/\r?\n$/, '');
}

/**
 * Asks twice, so that a slip is noticed. `option`: gives it without a terminal. Throws `invalid` where there is none, or when
 * the answers differ.
 */
export async function newSecret(what: string, option: string): Promise<string> {
  requireTerminal(option);
  const first = await secret(`${what}: `);
  if ((await secret(`${what}, once more: `)) === first) return first;
  throw misused('The two are not the same.', 'Try again.');
}

/** Asks once, for one that there is already. As `newSecret`. */
export async function knownSecret(what: string, option: string): Promise<string> {
  requireTerminal(option);
  return secret(`${what}: `);
}

function requireTerminal(option: string): void {
  if (!process.stdin.isTTY) throw misused('There is no terminal to type it on.', `Give ${option} FILE instead.`);
}

function secret(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => {
      reject(new GuesthouseError({ code: 'cancelled', message: 'Cancelled.' }));
      lines.close();
    });
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => {
      process.stderr.write('\n');
      resolve('');
    });
  });
}

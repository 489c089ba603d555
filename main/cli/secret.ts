/** A secret typed at the terminal: nothing of it is shown. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { GuesthouseError } from '../../engine/contract/errors.ts';
import { misused } from './args.ts';

/** Asks twice, so that a slip is noticed. Throws `invalid` without a terminal, or when the answers differ. */
export async function newSecret(what: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw misused('There is no terminal to type a password on.', 'Give --login-password-file FILE instead.');
  const first = await secret(`${what}: `);
  if ((await secret(`${what}, once more: `)) === first) return first;
  throw misused('The two are not the same.', 'Try again.');
}

/** Asks once, for one that there is already. `option`: gives it without a terminal. Throws `invalid` where there is none. */
export async function knownSecret(what: string, option: string): Promise<string> {
  if (!process.stdin.isTTY) throw misused('There is no terminal to type it on.', `Give ${option} FILE instead.`);
  return secret(`${what}: `);
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

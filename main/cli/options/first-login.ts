/** First login: `--login`, `--ssh-key`, `--login-password-file`, `--user-data`. Passwords come from files or the keyboard only. */
import type { FirstLogin, FirstLoginWish } from '../../../engine/contract/first-login.ts';
import { misused } from '../args.ts';
import { secretFrom } from '../secret.ts';
import { readText } from './environment.ts';
import type { GuestValues } from './guest-options.ts';

/** undefined: nothing was said of it. `now`: of the guest that is changed. Throws `invalid`, and what reading throws. */
export function firstLogin(values: GuestValues, now: FirstLogin | null): FirstLoginWish | null | undefined {
  const keys = values['ssh-key'];
  const passwordFile = values['login-password-file'];
  const wish: FirstLoginWish = {
    ...(values.login === undefined ? {} : { user: values.login }),
    ...(passwordFile === undefined ? {} : { password: secretFrom(passwordFile, '--login-password-file') }),
    ...(keys === undefined ? {} : { sshKeys: keys.flatMap(keysFrom) }),
    ...(values['user-data'] === undefined ? {} : { userData: readText(values['user-data'], '--user-data') }),
    ...(values['no-grow-disk'] ? { growDisk: false } : {}),
  };
  const isAsked = Object.keys(wish).length > 0;
  if (values['no-login']) {
    if (isAsked) throw misused('--no-login excludes the other options of a first login.');
    return null;
  }
  return isAsked ? { ...now, ...wish } : undefined;
}

/** A key as it stands, or a file with one on each line, such as `~/.ssh/id_ed25519.pub`. */
function keysFrom(text: string): string[] {
  if (/^(sk-)?(ssh|ecdsa)-\S+ /.test(text)) return [text];
  return readText(text, '--ssh-key')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

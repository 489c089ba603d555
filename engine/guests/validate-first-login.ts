/** What can be wrong with a first login. Pure. */

import type { ErrorShape } from '../contract/errors.ts';
import type { FirstLogin } from '../contract/first-login.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import { MAX_PASSWORD_BYTES } from './first-login.ts';

/** As useradd takes it. */
const USER = /^[a-z_][a-z0-9_-]{0,31}$/;
/** crypt(5) as systems of today check it: MD5, bcrypt, SHA-256, SHA-512, yescrypt. */
const HASH = /^\$(?:1|2[aby]|5|6|y|gy)\$[!-9;-~]{8,250}$/;
const KEY =
  /^(?<type>(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]{1,64}) (?<data>[A-Za-z0-9+/]{16,16384}={0,2})(?: [^\r\n\0]{0,512})?$/;
const MAX_KEYS = 64;
export const MAX_USER_DATA_BYTES = 256 * 1024;

type Say = (field: string, error: ErrorShape) => void;

export function validateFirstLogin(spec: GuestSpec, image: Image | null | undefined, say: Say): void {
  const wish = spec.firstLogin;
  if (!wish) return;
  const invalid = (field: string, message: string, hint: string) => say(field, { code: 'invalid', message, hint });
  const why = spec.isolation === 'container' || image?.kind === 'rootfs' ? whyNot(spec) : null;
  if (why !== null) {
    say('firstLogin', { code: 'unsupported', ...why });
    return;
  }

  if (wish.user !== null && !USER.test(wish.user))
    invalid(
      'firstLogin.user',
      `${JSON.stringify(wish.user.slice(0, 60))} cannot be a login name.`,
      'Use up to 32 of `a-z`, `0-9`, `_` and `-`, starting with a letter or `_`.',
    );
  if (wish.passwordHash !== null && !HASH.test(wish.passwordHash))
    invalid(
      'firstLogin.password',
      'The password cannot be used.',
      `Use 1 to ${MAX_PASSWORD_BYTES} characters on one line; a hash is one of crypt(5), such as \`$6$…\`.`,
    );
  if (wish.sshKeys.length > MAX_KEYS)
    invalid('firstLogin.sshKeys', `${wish.sshKeys.length} keys are too many.`, `Give at most ${MAX_KEYS}.`);
  for (const [index, key] of wish.sshKeys.entries()) {
    const problem = keyProblem(key);
    if (problem !== null) invalid(`firstLogin.sshKeys.${index}`, problem.message, problem.hint);
  }
  if (
    wish.userData !== null &&
    (Buffer.byteLength(wish.userData) > MAX_USER_DATA_BYTES || wish.userData.includes('\0'))
  )
    invalid(
      'firstLogin.userData',
      'The user data cannot be used.',
      `They are text of at most ${MAX_USER_DATA_BYTES / 1024} KiB.`,
    );
  if (!letsIn(wish))
    invalid(
      'firstLogin',
      'Nobody could log in: there is neither a password nor a key.',
      'Give a password, the public part of an SSH key, or user data of your own.',
    );
}

const letsIn = (wish: FirstLogin): boolean =>
  wish.passwordHash !== null || wish.sshKeys.length > 0 || wish.userData !== null;

function whyNot({ isolation }: GuestSpec): Pick<ErrorShape, 'message' | 'hint'> {
  return isolation === 'container'
    ? { message: 'A container has no first login: its console is a shell already.', hint: 'Leave it out.' }
    : {
        message: 'A machine made from a container’s image has no login: its console is its command, as root.',
        hint: 'Leave it out, or make the machine from a cloud image.',
      };
}

function keyProblem(key: string): { message: string; hint: string } | null {
  const hint = 'Give the line of a `.pub` file, such as `ssh-ed25519 AAAA… name`.';
  if (/PRIVATE KEY/.test(key))
    return { message: 'This is the private part of a key, which belongs to you alone.', hint };
  const { type = '', data = '' } = KEY.exec(key)?.groups ?? {};
  const bytes = Buffer.from(data, 'base64');
  // The key itself begins with its kind once more (RFC 4253, section 6.6).
  const isKey = bytes.length > 4 && bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1') === type;
  return isKey ? null : { message: `${JSON.stringify(key.slice(0, 40))} is no public SSH key.`, hint };
}

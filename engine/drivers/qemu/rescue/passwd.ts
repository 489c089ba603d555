/** The texts of passwd(5), shadow(5) and authorized_keys as an opened system has them. Pure. */
import { GuesthouseError } from '../../../contract/errors.ts';
import type { RescueUser } from '../../../contract/rescue.ts';

export interface LoginTexts {
  readonly passwd: string;
  /** null: passwords are in passwd itself. */
  readonly shadow: string | null;
}

const MAX_USERS = 1000;
/** People, and who may do anything; the rest are services. */
const isPerson = (uid: number, shell: string) =>
  (uid === 0 || uid >= 1000) && uid < 65_534 && !/(nologin|false)$/.test(shell);

/** Those a person logs in as. */
export function parseUsers(passwd: string, shadow: string | null): RescueUser[] {
  const hashes = new Map<string, string>();
  for (const line of (shadow ?? '').split('\n')) {
    const [name = '', hash = ''] = line.split(':');
    hashes.set(name, hash);
  }
  return passwd
    .split('\n')
    .flatMap((line): RescueUser[] => {
      const [name = '', word = '', uid = '', , , home = '', shell = ''] = line.split(':');
      if (!/^[A-Za-z_][\w.-]{0,63}\$?$/.test(name) || !/^\d{1,10}$/.test(uid) || !home.startsWith('/')) return [];
      if (!isPerson(Number(uid), shell)) return [];
      return [{ name, uid: Number(uid), home, password: kindOf(word === 'x' ? (hashes.get(name) ?? '!') : word) }];
    })
    .slice(0, MAX_USERS);
}

function kindOf(hash: string): RescueUser['password'] {
  if (hash === '') return 'none';
  return /^[!*]|^x$/.test(hash) ? 'locked' : 'set';
}

/** The texts with the user's password changed, unlocked and not expired. Throws `not-found`. */
export function withPassword(texts: LoginTexts, user: string, hash: string, today: number): LoginTexts {
  const passwdLine = lineOf(texts.passwd, user);
  if (passwdLine === null) {
    throw new GuesthouseError({
      code: 'not-found',
      message: `The system has no user ${JSON.stringify(user.slice(0, 40))}.`,
      subject: user.slice(0, 40),
      hint: `There are: ${parseUsers(texts.passwd, texts.shadow)
        .slice(0, 10)
        .map(({ name }) => name)
        .join(', ')}.`,
    });
  }
  const inShadow = texts.shadow === null ? null : lineOf(texts.shadow, user);
  if (texts.shadow === null || (inShadow === null && passwdLine.split(':')[1] !== 'x'))
    return { ...texts, passwd: changed(texts.passwd, user, (fields) => fields.with(1, hash)) };
  const fields = [user, hash, String(today), '0', '99999', '7', '', '', ''];
  if (inShadow === null) return { ...texts, shadow: `${ended(texts.shadow)}${fields.join(':')}\n` };
  return {
    ...texts,
    shadow: changed(texts.shadow, user, (old) => {
      const whole = [...old, ...Array(9).fill('')].slice(0, Math.max(9, old.length));
      // Last changed, and the day the account expires.
      return whole.with(1, hash).with(2, String(today)).with(7, '');
    }),
  };
}

/** Which files differ, and their new texts. */
export function loginFiles(before: LoginTexts, after: LoginTexts): { path: string; text: string }[] {
  return [
    ...(after.passwd === before.passwd ? [] : [{ path: '/etc/passwd', text: after.passwd }]),
    ...(after.shadow === null || after.shadow === before.shadow ? [] : [{ path: '/etc/shadow', text: after.shadow }]),
  ];
}

/** authorized_keys with one more line; as it was when it has the key. Throws `invalid`. */
export function addKeyLine(text: string, key: string): string {
  const line = key.trim();
  if (!/^(?:[^\s#]+ )?(?:ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]{16,}(?: [^\n\r]*)?$/.test(line)) {
    throw new GuesthouseError({
      code: 'invalid',
      message: 'This is not a public SSH key.',
      subject: 'key',
      hint: 'Give the line of a file like ~/.ssh/id_ed25519.pub.',
    });
  }
  const [type, blob] = line.split(' ') as [string, string];
  const has = text.split('\n').some((one) => one.includes(`${type} ${blob}`));
  return has ? text : `${ended(text)}${line}\n`;
}

function lineOf(text: string, user: string): string | null {
  return text.split('\n').find((line) => line.startsWith(`${user}:`)) ?? null;
}

function changed(text: string, user: string, change: (fields: string[]) => string[]): string {
  let isDone = false;
  return text
    .split('\n')
    .map((line) => {
      if (isDone || !line.startsWith(`${user}:`)) return line;
      isDone = true;
      return change(line.split(':')).join(':');
    })
    .join('\n');
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

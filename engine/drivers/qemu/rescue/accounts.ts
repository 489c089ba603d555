/**
 * Who can log in to an opened system, and letting somebody in: passwd(5), shadow(5), sshd(8). Files are written in place, so
 * that their owner, mode and security label stay; what they were is kept beside them, as passwd(1) does.
 */
import { GuesthouseError } from '../../../contract/errors.ts';
import type { RescueUser } from '../../../contract/rescue.ts';
import { realPath } from '../../../guest-files/paths.ts';
import type { GuestTools } from '../../../guest-files/tools.ts';
import { readSmall } from './opened.ts';
import { addKeyLine, loginFiles, parseUsers, withPassword } from './passwd.ts';

const DAY_MS = 24 * 3600 * 1000;

export async function listUsers(tools: GuestTools): Promise<readonly RescueUser[]> {
  const { passwd, shadow } = await read(tools);
  return parseUsers(passwd, shadow);
}

/** `hash`: as crypt(3) writes one. Throws `not-found` for a user the system does not have. */
export async function setPassword(tools: GuestTools, user: string, hash: string): Promise<void> {
  const { passwd, shadow } = await read(tools);
  const changed = withPassword({ passwd, shadow }, user, hash, Math.floor(Date.now() / DAY_MS));
  for (const { path, text } of loginFiles({ passwd, shadow }, changed)) await rewrite(tools, path, text);
  await tools.text(['sync']);
}

/** Lets whoever has this key in as the user, by SSH. */
export async function addKey(tools: GuestTools, name: string, key: string): Promise<void> {
  const users = await listUsers(tools);
  const user = users.find((one) => one.name === name);
  if (!user) throw noUser(name, users);
  const { passwd } = await read(tools);
  const gid =
    passwd
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':')[3] ?? String(user.uid);
  const owner = `${user.uid}:${/^\d+$/.test(gid) ? gid : user.uid}`;
  const home = await realPath(tools, user.home);
  const folder = `${home.replace(/\/$/, '')}/.ssh`;
  const path = `${folder}/authorized_keys`;
  if (!(await isThere(tools, home))) {
    throw new GuesthouseError({
      code: 'not-found',
      message: `${name} has no home folder to put a key into.`,
      subject: home,
    });
  }
  if (!(await isThere(tools, folder))) {
    await tools.text(['mkdir', '-m', '700', folder]);
    await tools.text(['chown', owner, folder]);
    await relabelled(tools);
  }
  const before = (await isThere(tools, path)) ? await readWhole(tools, path) : null;
  const text = addKeyLine(before ?? '', key);
  if (text === before) return;
  await write(tools, path, text);
  if (before === null) {
    await tools.text(['chown', owner, path]);
    await tools.text(['chmod', '600', path]);
  }
  await tools.text(['sync']);
}

async function read(tools: GuestTools): Promise<{ passwd: string; shadow: string | null }> {
  const passwd = await readSmall(tools, ['/etc/passwd']);
  const bsd = passwd === null ? null : await readSmall(tools, ['/etc/master.passwd']);
  if (passwd === null || bsd !== null) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: 'Users are known of Linux systems only.',
      cause: bsd === null ? 'There is no /etc/passwd.' : 'This system keeps them in a database (/etc/master.passwd).',
      hint: 'Look at another file system of it, or change it in the shell.',
    });
  }
  return { passwd, shadow: await readSmall(tools, ['/etc/shadow']) };
}

async function rewrite(tools: GuestTools, path: string, text: string): Promise<void> {
  const real = await realPath(tools, path);
  await tools.text(['cp', '-p', real, `${real}-`]);
  await write(tools, real, text);
}

/** Within the file that is there: the first byte of the new text takes the place of the first of the old one. */
async function write(tools: GuestTools, path: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  await tools.text(['dd', `of=${path}`, 'conv=notrunc,fsync', 'bs=65536', 'iflag=fullblock'], { input: once(bytes) });
  await tools.text(['truncate', '-s', String(bytes.length), path]);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function readWhole(tools: GuestTools, path: string): Promise<string> {
  return (await tools.text(['cat', path])).toString('utf8');
}

async function isThere(tools: GuestTools, path: string): Promise<boolean> {
  return (await tools.text(['stat', '-c', '%f', path], { okCodes: [0, 1] })).length > 0;
}

/** A new folder has no label where SELinux asks for one; the system gives it one at its next start. */
async function relabelled(tools: GuestTools): Promise<void> {
  const config = await readSmall(tools, ['/etc/selinux/config']);
  if (config !== null && /^SELINUX=(?:enforcing|permissive)/m.test(config))
    await tools.text(['touch', '/.autorelabel']);
}

export function noUser(name: string, users: readonly RescueUser[]): GuesthouseError {
  const short = name.slice(0, 40);
  return new GuesthouseError({
    code: 'not-found',
    message: `The system has no user ${JSON.stringify(short)}.`,
    subject: short,
    hint: `There are: ${users
      .slice(0, 10)
      .map((one) => one.name)
      .join(', ')}.`,
  });
}

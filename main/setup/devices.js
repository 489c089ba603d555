/** Device files an ordinary user needs. A desktop has them open to all; a bare test machine has not. */
import { chmodSync, statSync } from 'node:fs';
import { runProgram } from './programs.js';
import { say } from './say.js';

/** Ordinary users' guests get their network through it (slirp4netns opens it inside their own namespace). */
const TUN = '/dev/net/tun';

/**
 * @param {import('./parts.js').Purpose} purpose
 * The permissions are changed for tests and in CI only: those run guests as an ordinary user too.
 */
export async function ensureDevices(purpose) {
  const isRoot = process.getuid?.() === 0;
  const mayChange = isRoot && (purpose !== 'run' || Boolean(process.env.CI));
  const found = statSync(TUN, { throwIfNoEntry: false });
  const isOpen = found !== undefined && (found.mode & 0o666) === 0o666;
  if (isOpen || (isRoot && !mayChange)) return;
  if (!mayChange) {
    const cure = found ? `chmod 666 ${TUN}` : 'modprobe tun';
    say(`${TUN} is ${found ? 'closed to ordinary users' : 'missing'}: guests have no network. As root:  ${cure}`);
    return;
  }
  if (!found) {
    say(`making ${TUN}`);
    await runProgram(['mkdir', '-p', '/dev/net'], { quiet: true });
    const { code } = await runProgram(['mknod', '-m', '666', TUN, 'c', '10', '200'], { quiet: true });
    if (code !== 0) say(`${TUN} could not be made: guests have no network`);
    return;
  }
  say(`opening ${TUN} to ordinary users (chmod 666), as on a desktop`);
  chmodSync(TUN, 0o666);
}

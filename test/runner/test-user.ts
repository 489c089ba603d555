/**
 * An ordinary user to run guests as. Root's tests say nothing about user namespaces, id ranges and closed device
 * files, so a run as root repeats the integration and fault tests as this user.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const NAME = 'guesthouse-test';

export interface TestUser {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  /** Words before a command that run it as this user, with exactly this environment. */
  prefix(env: Record<string, string>): string[];
  /** Removes the user if it was made by this run. */
  end(): void;
}

/** The user, made when there is none; or why there can be none here. */
export function makeTestUser(root: string): TestUser | { readonly why: string } {
  let made = false;
  if (spawnSync('id', ['-u', NAME]).status !== 0) {
    // A login group and a range of subordinate ids come with it.
    const { status, stderr } = spawnSync('useradd', ['-m', '-s', '/bin/sh', NAME], { encoding: 'utf8' });
    if (status !== 0) return { why: `no ordinary user could be made: ${stderr?.trim() || 'useradd is not here'}` };
    made = true;
  }
  const uid = Number(execFileSync('id', ['-u', NAME], { encoding: 'utf8' }));
  const home = (execFileSync('getent', ['passwd', NAME], { encoding: 'utf8' }).split(':')[5] ?? '/').trim();
  const user: TestUser = {
    name: NAME,
    uid,
    home,
    prefix: (env) => [
      'runuser',
      '-u',
      NAME,
      '--',
      'env',
      '-i',
      ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
    ],
    end() {
      if (made) spawnSync('userdel', ['-r', NAME]);
    },
  };
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  const canRead =
    spawnSync('runuser', ['-u', NAME, '--', 'test', '-r', join(root, 'package.json'), '-a', '-x', node]).status === 0;
  if (canRead) return user;
  user.end();
  return { why: `an ordinary user cannot read ${root}` };
}

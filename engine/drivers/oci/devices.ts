/** Device nodes of the host given to a container. */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import type { DeviceRule } from '../../contract/guest.ts';
import { major, minor } from './io-limits.ts';

export interface DeviceNode extends DeviceRule {
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  /** Permission bits of the host's node. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const PERMISSIONS = 0o777;

/** Throws `not-found`, `denied`, or `invalid` for something that is no device. */
export async function deviceNodes(rules: readonly DeviceRule[]): Promise<DeviceNode[]> {
  return Promise.all(rules.map(async (rule) => deviceNode(rule, await statNode(rule.source))));
}

function deviceNode(rule: DeviceRule, info: Stats): DeviceNode {
  const type = info.isCharacterDevice() ? 'c' : info.isBlockDevice() ? 'b' : null;
  if (type === null) {
    throw new GuesthouseError({
      code: 'invalid',
      message: `${rule.source} is not a device.`,
      subject: rule.source,
      hint: 'Files and folders are given to a guest as mounts.',
    });
  }
  const { uid, gid, mode, rdev } = info;
  return { ...rule, type, major: major(rdev), minor: minor(rdev), mode: mode & PERMISSIONS, uid, gid };
}

async function statNode(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw new GuesthouseError({
      code: (error as NodeJS.ErrnoException).code === 'EACCES' ? 'denied' : 'not-found',
      message: `The device ${path} is not there or cannot be reached.`,
      subject: path,
      cause: (error as Error).message,
    });
  }
}

/** Words before a command line that take everything from a program that it does not need. */
import { readFileSync } from 'node:fs';

/** Ids that distributions, containers and systemd leave alone (systemd.io/UIDS-GIDS): 1879048192 … 2147352575. */
const FIRST_UID = 1_879_048_192;
const UIDS = 2 ** 28;

export interface OwnUser {
  readonly uid: number;
  readonly groups: readonly number[];
  /** The only capability it keeps, as setpriv(1) writes it; left out: none. */
  readonly keeps?: 'dac_read_search';
}

/** `own` null: it stays the user who runs the engine, without any capability. */
export function confinementArgv(setpriv: string, own: OwnUser | null): string[] {
  const kept = own?.keeps === undefined ? '' : `,+${own.keeps}`;
  return [
    setpriv,
    '--no-new-privs',
    `--inh-caps=-all${kept}`,
    ...(kept === '' ? [] : [`--ambient-caps=-all${kept}`]),
    `--bounding-set=-all${kept}`,
    ...(own === null
      ? []
      : [
          `--reuid=${own.uid}`,
          `--regid=${own.uid}`,
          own.groups.length === 0 ? '--clear-groups' : `--groups=${own.groups.join(',')}`,
        ]),
  ];
}

/**
 * A number for each guest or act, from its id in hex digits; null where this host's root has not all numbers (a
 * container with a range of its own).
 */
export function ownUid(id: string, map = readFileSync('/proc/self/uid_map', 'latin1')): number | null {
  const uid = FIRST_UID + (Number.parseInt(id, 16) % UIDS);
  const has = map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => uid >= first && uid < first + count);
  return has ? uid : null;
}

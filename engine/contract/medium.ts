/** What an installation medium says of itself. */

export const DISTRIBUTIONS = [
  'debian',
  'ubuntu',
  'fedora',
  'arch',
  'alpine',
  'opensuse',
  'freebsd',
  'openbsd',
  'netbsd',
  'windows',
  'other',
] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

export interface Medium {
  readonly distribution: Distribution;
  /** Whose drivers it has. */
  readonly family: 'linux' | 'windows' | 'freebsd' | 'openbsd' | 'netbsd' | 'other';
  /** For a person: `Debian GNU/Linux 12.5.0 "Bookworm"`; its label where it says no more. */
  readonly name: string;
  /** As QEMU names it; null: not said. */
  readonly architecture: string | null;
  /** What it should be given, with room to work. */
  readonly memoryMib: number;
  readonly diskGib: number;
}

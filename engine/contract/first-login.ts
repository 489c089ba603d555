/** What a machine is told at its first start by a seed that cloud-init and its kin read (the NoCloud data source). */

export interface FirstLogin {
  /** Login name, which may do everything with sudo; null: the one the image makes by itself (`debian`, `ubuntu`, …). */
  readonly user: string | null;
  /** crypt(5), e.g. `$6$salt$…`; null: no password. The password itself is kept nowhere. */
  readonly passwordHash: string | null;
  /** Public keys as in `authorized_keys`, one each. */
  readonly sshKeys: readonly string[];
  /** Partition and file system take the whole disk. */
  readonly growDisk: boolean;
  /** User data of one's own, word for word; what is said above goes beside it as vendor data. null: none. */
  readonly userData: string | null;
}

/** As it is asked for: what is left out has a default, and a password is turned into its hash before anything else. */
export interface FirstLoginWish extends Partial<FirstLogin> {
  /** In plain. Never stored. */
  readonly password?: string;
}

/** Named volumes: folders of the store that outlive the guests that use them. */
export interface Volume {
  /** 12 lower-case hex digits. */
  readonly id: string;
  /** 1 to 63 of `a-z A-Z 0-9 . _ -`, starting with a letter or digit. */
  readonly name: string;
  readonly createdAt: number;
  /** Made for one guest because its image asked for it; goes with that guest. */
  readonly anonymous: boolean;
  /** Bytes on the host's disk when last looked at; null: not yet. */
  readonly sizeBytes: number | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of guests that use it, running or not; a volume in use is not removed. */
  readonly usedBy: readonly string[];
}

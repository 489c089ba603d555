/** What happened, in order: for scripts that follow, and for a page that shows the past. */
export interface EngineEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: 'guest' | 'image' | 'volume' | 'network';
  /** `create`, `start`, `die`, `stop`, `kill`, `oom`, `health`, `restart`, `update`, `rename`, `remove`, `put-back` and `empty` (out of the trash), `pull`, ... */
  readonly action: string;
  /** Of the guest, image, volume or network. */
  readonly id: string;
  readonly name: string;
  /** More about it: `exitCode`, `signal`, `health`, `image`. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface EventQuery {
  /** Milliseconds since the epoch; left out: as far back as is kept. */
  readonly since?: number;
  readonly until?: number;
  /** Only of this guest. */
  readonly guest?: string;
  /** The newest so many. */
  readonly last?: number;
}

/** Calls about events. */
export interface EventCalls {
  'events.list': { args: EventQuery; result: readonly EngineEvent[] };
}

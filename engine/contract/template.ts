/** How guests are made again and again: a guest's spec under a name. */
import type { GuestSpec } from './guest.ts';

export interface Template {
  /** 1 to 63 of `a-z A-Z 0-9 . _ -`, starting with a letter or digit. */
  readonly name: string;
  readonly createdAt: number;
  /**
   * Without name and first login, whose secrets are nobody else's. Host ports are 0 (chosen at creation), and disks of the
   * host itself are left out: both belong to one guest.
   */
  readonly spec: Omit<GuestSpec, 'name' | 'firstLogin'>;
}

/** The part of `EngineCalls` about templates. */
export interface TemplateCalls {
  /** By name. */
  'templates.list': { args: Record<string, never>; result: readonly Template[] };
  /** Keeps a guest's spec under a name. `guest`: its id or name. Throws `conflict` when there is one, unless `replace`. */
  'templates.save': { args: { guest: string; name: string; replace?: boolean }; result: Template };
  'templates.remove': { args: { name: string }; result: null };
}

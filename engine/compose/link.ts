/** The engine as a project is brought up through it: a client's, or the engine's own. */
import type { Client } from '../contract/client.ts';

export type Link = Pick<Client, 'call' | 'subscribe'>;

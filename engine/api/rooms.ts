/** The rooms of the engine that calls are answered by. */
import type { CallArgs, CallName, CallResult } from '../contract/api.ts';
import type { Drivers } from '../drivers/drivers.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Feed } from '../feed.ts';
import type { Costs } from '../guests/costs.ts';
import type { Guests } from '../guests/guests.ts';
import type { Operations } from '../guests/operations.ts';
import type { Templates } from '../guests/templates.ts';
import type { Paths } from '../host/paths.ts';
import type { ImageStore } from '../images/store.ts';
import type { Metrics } from '../metrics/index.ts';
import type { House } from '../networks/house.ts';
import type { NetworkStore } from '../networks/network-store.ts';
import type { Consoles } from '../streams/consoles.ts';
import type { Sessions } from '../streams/sessions.ts';
import type { VolumeStore } from '../volumes/store.ts';

export interface Rooms {
  readonly paths: Paths;
  readonly feed: Feed;
  readonly house: House;
  readonly images: ImageStore;
  readonly volumes: VolumeStore;
  readonly networks: NetworkStore;
  readonly guests: Guests;
  readonly templates: Templates;
  readonly operations: Operations;
  readonly sessions: Sessions;
  readonly consoles: Consoles;
  readonly metrics: Metrics;
  readonly costs: Costs;
  readonly events: EventLog;
  readonly drivers: Drivers;
  /** Guest folders that could not be read at start. */
  readonly unreadable: readonly { id: string; reason: string }[];
}

export type Calls = { [N in CallName]: (args: CallArgs<N>) => Promise<CallResult<N>> };

/** The calls whose names start so: `CallsOf<'guests'>`. */
export type CallsOf<Room extends string> = { [N in Extract<CallName, `${Room}.${string}`>]: Calls[N] };

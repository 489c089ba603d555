/** What the life of guests needs from the rooms around it. */
import type { Guest, Isolation } from '../contract/guest.ts';
import type { Driver } from '../drivers/driver.ts';
import type { RecordEvent } from '../events/event-log.ts';
import type { Log } from '../host/log.ts';
import type { Paths } from '../host/paths.ts';
import type { ImageStore } from '../images/store.ts';
import type { House } from '../networks/house.ts';
import type { NetworkStore } from '../networks/network-store.ts';
import type { VolumeStore } from '../volumes/store.ts';
import type { Costs } from './costs.ts';
import type { Entry } from './entry.ts';
import type { Operations } from './operations.ts';

export interface GuestsContext {
  readonly paths: Paths;
  readonly log: Log;
  readonly images: ImageStore;
  readonly volumes: VolumeStore;
  readonly operations: Operations;
  readonly costs: Costs;
  readonly networks: Pick<NetworkStore, 'get' | 'list'>;
  readonly house: Pick<House, 'publish' | 'rename'>;
  /** This engine stays: it carries out restart policies and health checks. */
  readonly background: boolean;
  readonly record: RecordEvent;
  driverFor(isolation: Isolation): Promise<Driver>;
  onChange(guest: Guest): void;
  /** It is in the list no more; in the trash it may be. */
  onRemoved(id: string): void;
  /** It is gone for good. */
  onForgotten(id: string): void;
  /** A guest runs now (started or met again): its consoles are opened. */
  onUp(entry: Entry): void;
}

/** Guests of a home of its own over the fake driver, which another engine can find as the last one left them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuestDraft } from '../../engine/contract/api.ts';
import type { Guest, GuestExit } from '../../engine/contract/guest.ts';
import type { Image } from '../../engine/contract/image.ts';
import type { NewEvent } from '../../engine/events/event-log.ts';
import type { GuestsContext } from '../../engine/guests/context.ts';
import { Costs } from '../../engine/guests/costs.ts';
import { Guests } from '../../engine/guests/guests.ts';
import type { Manifest } from '../../engine/guests/manifest.ts';
import { Operations } from '../../engine/guests/operations.ts';
import { recover } from '../../engine/guests/recover.ts';
import { createLog } from '../../engine/host/log.ts';
import { resolvePaths } from '../../engine/host/paths.ts';
import { createFakeDriver, type FakeDriver, STARTED_AT } from './driver.ts';
import { fakeImage, fakeImages } from './images.ts';
import { fakeNetworks } from './networks.ts';
import { fakeVolumes } from './volumes.ts';

export interface GuestsHome {
  readonly driver: FakeDriver;
  /** `action name` of every event. */
  readonly events: string[];
  /** `name state` of every change. */
  readonly seen: string[];
  readonly images: Image[];
  /** What the house was asked for. */
  readonly house: string[];
  /** Makes the house refuse. */
  houseFails: boolean;
  /** What a start waits for once the guest runs already. */
  up: Promise<void>;
  /** The engine opened last, also while it still opens. */
  readonly current: Guests;
  /** An engine; what another one had in memory is forgotten. */
  engine(options?: { background?: boolean }): Promise<Guests>;
  draft(name: string, more?: Partial<GuestDraft>): GuestDraft;
  manifest(id: string): Manifest;
  /** As a crash could have left it. */
  rewrite(id: string, change: Partial<Manifest>): void;
  /** The run the guest is in ends by itself. */
  ends(guests: Guests, guest: Guest, exit?: Partial<GuestExit>, ranMs?: number): Promise<void>;
  end(): void;
}

export function makeGuestsHome(): GuestsHome {
  const home = mkdtempSync(join(tmpdir(), 'gh-guests-'));
  const paths = resolvePaths({ GUESTHOUSE_HOME: home, XDG_RUNTIME_DIR: home });
  mkdirSync(paths.guests, { recursive: true });
  const log = createLog(paths.log);
  const driver = createFakeDriver();
  let runs = 0;
  const start = driver.start.bind(driver);
  driver.start = async (guest, operation) => {
    const running = { ...(await start(guest, operation)), startedAt: STARTED_AT + 1_000_000 * runs++ };
    driver.alive.set(guest.id, running);
    await made.up;
    return running;
  };
  const opened: Guests[] = [];
  const fileOf = (id: string) => join(paths.guests, id, 'guest.json');
  const asked = (verb: string) => async (member: { name: string; ports: readonly { hostPort: number }[] }) => {
    made.house.push(`${verb} ${member.name} ${member.ports.map(({ hostPort }) => hostPort).join()}`.trim());
    if (made.houseFails) throw new Error('The house refuses.');
  };
  const made: GuestsHome = {
    driver,
    events: [],
    seen: [],
    images: [fakeImage('busybox:latest')],
    house: [],
    houseFails: false,
    up: Promise.resolve(),
    get current() {
      return opened.at(-1) as Guests;
    },
    async engine({ background = true } = {}) {
      for (const one of opened.splice(0)) void one.rest();
      const record = ({ action, name }: NewEvent) => void made.events.push(`${action} ${name}`);
      const images = fakeImages(made.images);
      const context: GuestsContext = {
        paths,
        log,
        images,
        volumes: fakeVolumes(),
        networks: fakeNetworks(),
        operations: new Operations(home, log, () => {}),
        costs: new Costs(join(home, 'costs.json')),
        house: { publish: asked('publish'), rename: asked('rename') },
        background,
        record,
        driverFor: async () => driver,
        onChange: (guest) => void made.seen.push(`${guest.name} ${guest.state}`),
        onRemoved: () => void made.seen.push('removed'),
        onForgotten: () => {},
        onUp: () => {},
      };
      const guests = new Guests(context);
      opened.push(guests);
      await recover(guests, { paths, log, driverFor: async () => driver, onUp: async () => {}, record });
      return guests;
    },
    draft: (name, more = {}) => ({ name, isolation: 'container', image: 'busybox:latest', ...more }),
    manifest: (id) => JSON.parse(readFileSync(fileOf(id), 'utf8')),
    rewrite: (id, change) => writeFileSync(fileOf(id), JSON.stringify({ ...made.manifest(id), ...change })),
    async ends(guests, { id }, exit = {}, ranMs = 50) {
      const { startedAt } = driver.alive.get(id) ?? { startedAt: 0 };
      driver.alive.delete(id);
      const whole = { code: 1, signal: null, outOfMemory: false, at: startedAt + ranMs, ...exit };
      await guests.exited(id, whole, startedAt);
    },
    end() {
      for (const one of opened) void one.rest();
      rmSync(paths.run, { recursive: true, force: true });
      rmSync(home, { recursive: true, force: true });
    },
  };
  return made;
}

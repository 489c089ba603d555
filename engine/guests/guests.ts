/** The life of guests, blind to how they run: one act at a time on each, intent on disk first, a failure taken back. */
import type { ChangePlan, DraftCheck, Exported, ExportFormat, GuestChange, GuestDraft } from '../contract/api.ts';
import type { CloneKind } from '../contract/clone.ts';
import type { Guest, GuestExit } from '../contract/guest.ts';
import { bootId } from '../host/process-ref.ts';
import { askedBy } from './asking.ts';
import { byName } from './by-name.ts';
import { Changes } from './changes.ts';
import { checkDraft } from './check.ts';
import { Claims } from './claims.ts';
import type { GuestsContext } from './context.ts';
import { createGuest } from './creation.ts';
import { endCycle, startAnew } from './cycle.ts';
import { type Entry, neighbour, shown } from './entry.ts';
import { Health } from './health.ts';
import { Ledger } from './ledger.ts';
import { lookAfter, type Upkeep, type UpkeepVerb } from './looking-after.ts';
import { needsKeeping } from './policy.ts';
import { destroy } from './removing.ts';
import { rename } from './renaming.ts';
import { Retries } from './retries.ts';
import type { GuestRooms } from './rooms.ts';
import { BY_PERSON, Runs } from './runs.ts';
import { giveUpMemory } from './snapshots/kept-memory.ts';
import { standingStill } from './standing-still.ts';
import { assertAllowed } from './state.ts';
import { Trash } from './trash.ts';
import { SETTLING, Turns } from './turns.ts';

/** A machine's own words are among them: without a limit it could fill our memory with them. */
const MAX_NOTES = 20;

export class Guests {
  readonly trash: Trash;
  readonly #claims = new Claims();
  readonly #context: GuestsContext;
  readonly #ledger: Ledger;
  readonly #health: Health;
  readonly #retries: Retries;
  readonly #runs: Runs;
  readonly #turns: Turns;
  readonly #changes: Changes;
  #met: Promise<unknown> = Promise.resolve();

  constructor(context: GuestsContext) {
    this.#context = context;
    this.#ledger = new Ledger(context);
    this.#health = new Health(context, this.#ledger);
    this.#retries = new Retries(context, (entry) => startAnew(this.rooms(), entry));
    this.#runs = new Runs(context, this.#ledger, this.#retries, this.#health);
    this.#turns = new Turns(context, this.#ledger, (entry, verb) => this.#free(entry, verb));
    this.#changes = new Changes(this.rooms());
    this.trash = new Trash(context.paths.home, () => this.rooms());
  }

  list(): Guest[] {
    return [...this.#ledger.all()].map(shown).sort(byName);
  }

  /** Throws `not-found`. */
  inspect(ref: string): Guest {
    return shown(this.entry(ref));
  }

  has(id: string): boolean {
    return this.#ledger.has(id);
  }

  /** How a disposable guest was when it went with its end. Throws `not-found`. */
  gone(ref: string): Guest {
    return this.#ledger.gone(ref);
  }

  entries(): Iterable<Entry> {
    return this.#ledger.all();
  }

  /** By id or name. Throws `not-found`. */
  entry(ref: string): Entry {
    return this.#ledger.entry(ref);
  }

  /** Ends told while guests are being met again wait until that is over: before, nobody knows whose they are. */
  meet<T>(meeting: Promise<T>): Promise<T> {
    this.#met = meeting.catch(() => {});
    return meeting;
  }

  /** Puts a guest into the list of which no more is known than that it is there. */
  keep(entry: Entry): void {
    this.#ledger.put(entry);
  }

  /** Puts a guest read from disk into the list, and sees to what is due to it (see recover.ts). */
  async admit(entry: Entry, due: { readonly waitMs?: number | null } = {}): Promise<void> {
    this.#ledger.put(entry);
    const owed = entry.manifest.before?.ran != null;
    await this.#changes.resolve(entry);
    if (entry.running) this.#health.watch(entry);
    else if (owed) void this.#changes.startAgain(entry);
    else if (due.waitMs != null) this.#retries.plan(entry, due.waitMs);
  }

  check(draft: GuestDraft): Promise<DraftCheck> {
    return this.rooms().check(draft);
  }

  create(draft: GuestDraft): Promise<Guest> {
    return createGuest(this.rooms(), draft);
  }

  async clone(ref: string, name: string, kind: CloneKind = 'full'): Promise<Guest> {
    const entry = this.entry(ref);
    while (entry.holder?.verb === SETTLING) await entry.holder.done;
    return (await import('./clone.ts')).cloneGuest(this.rooms(), entry, name, kind);
  }

  /** Runs `act` while the guest, if it runs, stands still; should the engine end meanwhile, the next lets it go on. */
  standStill<T>(entry: Entry, act: () => Promise<T>): Promise<T> {
    return standingStill(this.rooms(), entry, act);
  }

  async export(ref: string, path: string, format?: ExportFormat): Promise<Exported> {
    const entry = this.entry(ref);
    while (entry.holder?.verb === SETTLING) await entry.holder.done;
    return (await import('./file/export.ts')).exportGuest(this.rooms(), entry, path, format);
  }

  /** `name`: left out, as in the file. */
  async import(path: string, name?: string): Promise<Guest> {
    const { importGuest } = await import('./file/import.ts');
    const { guest, notes } = await importGuest(this.rooms(), path, name);
    return this.#noted(guest, notes);
  }

  /** Of a machine of another program on this host; see `findMachines`. */
  async importFound(ref: string, name?: string): Promise<Guest> {
    const { importFound } = await import('./found/found.ts');
    const { guest, notes } = await importFound(this.rooms(), ref, name);
    return this.#noted(guest, notes);
  }

  #noted({ id }: Guest, notes: readonly string[]): Guest {
    for (const note of notes) this.note(id, note);
    return this.inspect(id);
  }

  async start(ref: string): Promise<Guest> {
    const entry = this.entry(ref);
    await this.#endCycle(entry);
    return this.#turns.verb('start', entry, { cancellable: true }, (held, operation) =>
      this.#runs.begin(held, operation, BY_PERSON),
    );
  }

  /** `graceMs`: how long it is waited for before it is killed; left out: as long as the guest itself says. */
  async stop(ref: string, graceMs?: number): Promise<Guest> {
    const entry = this.entry(ref);
    if ((await this.#endCycle(entry)) || (await giveUpMemory(this.rooms(), entry))) return shown(entry);
    const guest = await this.#turns.verb('stop', entry, { cancellable: false }, (held, operation) =>
      this.#runs.stop(held, graceMs ?? held.manifest.spec.stopGraceMs, operation),
    );
    this.#runs.tell(entry, 'stop', {});
    return guest;
  }

  async restart(ref: string, graceMs?: number): Promise<Guest> {
    const entry = this.entry(ref);
    await this.#endCycle(entry);
    const guest = await this.#turns.verb('restart', entry, { cancellable: false }, async (held, operation) => {
      if (held.running) await this.#runs.stop(held, graceMs ?? held.manifest.spec.stopGraceMs, operation);
      this.#ledger.show(held, 'starting');
      await this.#runs.begin(held, operation, BY_PERSON);
    });
    this.#runs.tell(entry, 'restart', {});
    return guest;
  }

  pause(ref: string): Promise<Guest> {
    return this.#turns.verb('pause', this.entry(ref), { cancellable: false }, async (entry) => {
      this.#paused(entry, true, await entry.driver.pause(entry.manifest));
    });
  }

  resume(ref: string): Promise<Guest> {
    return this.#turns.verb('resume', this.entry(ref), { cancellable: false }, async (entry) => {
      await entry.driver.resume(entry.manifest);
      this.#paused(entry, false);
    });
  }

  /** Kill is for when nothing else helps: it first gives up whatever holds the guest. */
  async kill(ref: string): Promise<Guest> {
    const entry = this.entry(ref);
    if ((await this.#endCycle(entry)) || (await giveUpMemory(this.rooms(), entry))) return shown(entry);
    assertAllowed('kill', { name: entry.manifest.spec.name, state: entry.state });
    this.#context.operations.cancelTarget(entry.manifest.id);
    // A cancelled start takes itself back and leaves nothing to kill; a stop in progress is overtaken by the kill.
    if (entry.holder?.verb === 'start' || entry.holder?.verb === 'recreate') {
      await entry.holder.done;
      if (!entry.running) return shown(entry);
    } else if (entry.holder) {
      await entry.driver.kill(entry.manifest);
      await entry.holder.done;
      return shown(entry);
    }
    const guest = await this.#turns.verb('kill', entry, { cancellable: false }, async (held) => {
      await this.#ledger.record(held, { wanted: 'stopped', bootId: bootId() });
      await held.driver.kill(held.manifest);
      await this.#runs.settle(held, null, true);
    });
    this.#runs.tell(entry, 'kill', { signal: 'SIGKILL' });
    return guest;
  }

  /** `keep`: into the trash, where that is possible. Answers whether it is there now. */
  async remove(ref: string, force = false, keep = false): Promise<boolean> {
    const entry = this.entry(ref);
    const { id } = entry.manifest;
    await this.#endCycle(entry);
    if (force && entry.state !== 'stopped' && entry.state !== 'failed') {
      this.#context.operations.cancelTarget(id);
      await entry.holder?.done;
      if (this.#ledger.has(id) && entry.running) await this.kill(id);
    }
    // A disposable one may be going by itself.
    if (entry.holder?.verb === 'remove' && entry.manifest.spec.disposable) await entry.holder.done;
    return this.#ledger.has(id) && this.#remove(entry, keep);
  }

  async #remove(entry: Entry, keep = false): Promise<boolean> {
    let kept = false;
    await this.#turns.verb('remove', entry, { cancellable: false }, async (held) => {
      kept = keep && (await this.trash.take(held));
      if (!kept) await destroy(this.#context, this.#ledger, held);
      this.#ledger.drop(held, kept);
    });
    this.#runs.tell(entry, 'remove', {});
    return kept;
  }

  planChange(ref: string, change: GuestChange): Promise<ChangePlan> {
    return this.#changes.plan(this.entry(ref), change);
  }

  update(ref: string, change: GuestChange, recreate = false): Promise<Guest> {
    return this.#changes.update(this.entry(ref), change, recreate);
  }

  async lookAfter<T>(ref: string, verb: UpkeepVerb, act: Upkeep<T>): Promise<T> {
    const entry = this.entry(ref);
    // Whatever a restart policy had in mind, a person has the disks now.
    if (verb === 'open-disk') await this.#endCycle(entry);
    return lookAfter(this.#turns, entry, verb, act);
  }

  rename(ref: string, name: string): Promise<Guest> {
    return rename(this.rooms(), this.entry(ref), name);
  }

  /** The driver says a running guest ended without us asking. */
  async exited(id: string, exit: GuestExit, startedAt: number): Promise<void> {
    await this.#met;
    const entry = this.#ledger.byId(id);
    if (!entry) return;
    // Whoever holds the guest (a start that is finishing, a stop that is waiting) goes first.
    while (entry.holder) await entry.holder.done;
    // A restart may have put a new run in the place of the one that ended.
    if (entry.running?.startedAt !== startedAt) return;
    await this.#turns.hold(entry, SETTLING, () => this.#runs.settle(entry, exit, false));
  }

  pausedByItself(id: string, paused: boolean, why: string | null): void {
    const entry = this.#ledger.byId(id);
    if (entry?.running && !entry.holder) this.#paused(entry, paused, why);
  }

  note(id: string, note: string): void {
    const entry = this.#ledger.byId(id);
    if (!entry || entry.notes.length >= MAX_NOTES || entry.notes.includes(note)) return;
    entry.notes.push(note);
    this.#ledger.changed(entry);
  }

  /** Names of guests of which something is to be done by itself, so that an engine has to be there. */
  kept(): string[] {
    const isKept = (entry: Entry) =>
      needsKeeping(entry.manifest.spec, this.#health.checkOf(entry) !== null) || entry.manifest.schedule != null;
    const alive = [...this.#ledger.all()].filter(
      (entry) => entry.retry !== null || ((entry.running || entry.holder) && isKept(entry)),
    );
    return alive.map(({ manifest }) => manifest.spec.name);
  }

  /** Begins nothing any more by itself. */
  async rest(): Promise<void> {
    await this.trash.close();
    this.#retries.close();
    await this.#health.close();
  }

  /** Resolves when no end is being recorded and nothing cleaned up any more. */
  async settled(): Promise<void> {
    for (const entry of [...this.#ledger.all()]) {
      while (entry.holder?.verb === SETTLING) await entry.holder.done;
      await entry.cleanup;
    }
  }

  #endCycle(entry: Entry): Promise<boolean> {
    return endCycle(this.rooms(), this.#retries, entry);
  }

  /** Nobody holds the guest any more: one that is disposable goes when it ended. */
  #free(entry: Entry, verb: string): void {
    const { spec, exit, failure } = entry.manifest;
    if (!spec.disposable || entry.running || !(exit || failure) || !this.#ledger.has(entry.manifest.id)) return;
    if (['create', 'recreate', 'update', 'remove'].includes(verb)) return;
    askedBy({ by: 'engine' }, () => this.#remove(entry)).catch((error) =>
      this.#context.log.error('a disposable guest could not be removed', { guest: entry.manifest.id, error }),
    );
  }

  #paused(entry: Entry, paused: boolean, why: string | null = null): void {
    if (entry.running) entry.running = { ...entry.running, paused, standsFor: why };
    this.#ledger.show(entry, paused ? 'paused' : 'running');
    this.#runs.tell(entry, paused ? 'pause' : 'resume', {});
  }

  rooms(): GuestRooms {
    return {
      context: this.#context,
      ledger: this.#ledger,
      turns: this.#turns,
      runs: this.#runs,
      health: this.#health,
      claims: this.#claims,
      check: (draft, instead, ownDisk = false) =>
        checkDraft(draft, {
          images: this.#context.images,
          driverFor: this.#context.driverFor,
          guests: [...this.#ledger.all()].filter((one) => one.manifest.id !== instead?.manifest.id).map(neighbour),
          claimed: this.#claims.ports(),
          networks: this.#context.networks,
          ownDisk: ownDisk || (instead !== undefined && instead !== null),
          ...(instead ? { instead: instead.manifest } : {}),
        }),
    };
  }
}

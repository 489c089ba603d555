/** A compose file that is about to become guests: which one, what it would make, and what came of it. */
import {
  type ComposeFile,
  type ComposePlan,
  type ComposeWish,
  type ErrorShape,
  toErrorShape,
} from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { listView } from './list/view.svelte.ts';
import { route } from './route.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** What is typed is looked at once nothing more was typed for so long (ms). */
const PAUSE_MS = 250;

class Composing {
  open = $state(false);
  file = $state.raw<ComposeFile | null>(null);
  /** As typed; empty: what the file says. */
  project = $state('');
  profiles = $state.raw<readonly string[]>([]);
  plan = $state.raw<ComposePlan | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  looking = $state(false);
  starting = $state(false);
  cancelled = $state(false);
  /** Of what is in the dialog now; earlier ones may still be on their way. */
  #turn = 0;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** null: the file is chosen in the dialog. */
  begin(file: ComposeFile | null): void {
    this.#turn += 1;
    this.#asked += 1;
    this.file = file;
    this.project = '';
    this.profiles = [];
    this.plan = null;
    this.error = null;
    this.looking = this.starting = this.cancelled = false;
    this.open = true;
    if (file) void this.look();
  }

  rename(project: string): void {
    this.project = project;
    this.#later();
  }

  toggle(profile: string): void {
    const { profiles } = this;
    this.profiles = profiles.includes(profile) ? profiles.filter((one) => one !== profile) : [...profiles, profile];
    void this.look();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.looking = true;
    this.#timer = setTimeout(() => void this.look(), PAUSE_MS);
  }

  #wish(file: ComposeFile): ComposeWish {
    const project = this.project.trim();
    return { file, profiles: [...this.profiles], ...(project ? { project } : {}) };
  }

  /** Asks what it would make. `after`: an error that stays in sight. */
  async look(after: ErrorShape | null = null): Promise<void> {
    clearTimeout(this.#timer);
    const { file } = this;
    if (!file) return;
    this.#asked += 1;
    const asked = this.#asked;
    this.looking = true;
    try {
      const plan = await engine.call('compose.plan', this.#wish(file));
      if (asked !== this.#asked) return;
      this.plan = plan;
      this.error = after;
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.plan = null;
      this.error = after ?? toErrorShape(thrown);
    }
    this.looking = false;
  }

  /** Does what was shown. Who closed the dialog meanwhile is told by a notice. */
  async start(): Promise<void> {
    const { file, plan } = this;
    if (!file || !plan || this.starting || this.looking) return;
    const turn = this.#turn;
    const isShown = () => this.open && turn === this.#turn;
    this.starting = true;
    this.cancelled = false;
    this.error = null;
    try {
      const { project, guests } = await engine.call('compose.up', { ...this.#wish(file), mark: plan.mark });
      const show = () => {
        listView.setGrouping('project');
        route.section('guests');
      };
      if (isShown()) {
        this.open = false;
        show();
      }
      toasts.show(m.compose.done(project, guests.length), { label: m.frame.toast.show, run: show });
    } catch (thrown) {
      const error = toErrorShape(thrown);
      const isCancelled = error.code === 'cancelled';
      if (isShown()) {
        this.cancelled = isCancelled;
        void this.look(isCancelled ? null : error);
      } else if (!isCancelled) toasts.show([error.message, error.cause, error.hint].filter(Boolean).join(' '));
    } finally {
      if (turn === this.#turn) this.starting = false;
    }
  }
}

export const composing = new Composing();

/** Where the window is, from the address's hash; back and forward are the browser's own. */
import { formatPath, type Place, parsePath, type Section, type Tab } from './path.ts';

/** Marks an entry of the history with its place in line, so that back and forward know whether they lead anywhere. */
interface Mark {
  readonly at: number;
}

class Route {
  place = $state.raw<Place>(parsePath(location.hash));
  canBack = $state(false);
  canForward = $state(false);
  /** The tab to open a guest on: the one last looked at. */
  #lastTab: Tab = 'overview';
  #at = 0;
  #top = 0;

  constructor() {
    const mark = history.state as Mark | null;
    if (mark && typeof mark.at === 'number') this.#at = this.#top = mark.at;
    else history.replaceState({ at: 0 }, '');
    this.#update();
    addEventListener('popstate', (event) => {
      const at = (event.state as Mark | null)?.at;
      if (typeof at === 'number') this.#at = at;
      // A hash typed by hand arrives without a mark: it is a new entry.
      else {
        this.#at = this.#top = this.#at + 1;
        history.replaceState({ at: this.#at }, '');
      }
      this.#update();
    });
  }

  go(place: Place, options: { replace?: boolean } = {}): void {
    const hash = formatPath(place);
    if (hash === formatPath(this.place)) return;
    if (options.replace) history.replaceState({ at: this.#at }, '', hash);
    else {
      this.#at += 1;
      this.#top = this.#at;
      history.pushState({ at: this.#at }, '', hash);
    }
    this.#update();
  }

  section(section: Section): void {
    this.go(section === 'guests' ? { view: 'guests', guest: null, tab: 'overview' } : { view: section });
  }

  guest(id: string, tab: Tab = this.#lastTab, options: { replace?: boolean } = {}): void {
    this.go({ view: 'guests', guest: id, tab }, options);
  }

  back(): void {
    if (this.canBack) history.back();
  }

  forward(): void {
    if (this.canForward) history.forward();
  }

  #update(): void {
    this.place = parsePath(location.hash);
    if (this.place.view === 'guests' && this.place.guest) this.#lastTab = this.place.tab;
    this.canBack = this.#at > 0;
    this.canForward = this.#at < this.#top;
  }
}

export const route = new Route();

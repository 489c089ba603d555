/** Short notices for what has no place of its own. They stay while the pointer or focus is on them. */

export interface Toast {
  readonly id: number;
  readonly text: string;
  /** One further button, such as Show. */
  readonly action?: { readonly label: string; run(): void };
}

/** Shown at most this many; older ones go first. */
const MOST = 3;

class Toasts {
  all = $state.raw<readonly Toast[]>([]);
  #next = 1;

  /** Answers what it is dismissed by. */
  show(text: string, action?: Toast['action']): number {
    const toast: Toast = { id: this.#next++, text, ...(action ? { action } : {}) };
    this.all = [...this.all, toast].slice(-MOST);
    return toast.id;
  }

  dismiss(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();

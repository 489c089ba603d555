/** The one question a destructive act asks before it happens. */

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What staying out of it is called: `Keep web`. */
  readonly keep: string;
  /** What doing it is called: `Delete web`. */
  readonly yes: string;
  /** Guests it is about (ids): once none of them is there any more, nothing is asked. */
  readonly about?: readonly string[];
  run(): void | Promise<void>;
}

class Asking {
  question = $state.raw<Question | null>(null);

  ask(question: Question): void {
    this.question = question;
  }

  close(): void {
    this.question = null;
  }
}

export const asking = new Asking();

/** The small form an act asks for before it happens: a name, a place for a file, a choice. Launched by commands. */

interface Field {
  readonly key: string;
  readonly label: string;
  /** What it holds at first. */
  readonly value?: string;
  readonly hint?: string;
  /** Shown while another field has this value; hidden, it has none and is not missing. */
  readonly when?: { readonly key: string; readonly value: string };
}
export interface TextField extends Field {
  readonly kind: 'text';
  readonly placeholder?: string;
  /** What a machine reads: shown in the mono face. */
  readonly mono?: boolean;
  readonly optional?: boolean;
  /** Not shown while it is typed. */
  readonly secret?: boolean;
}
/** A whole number; the form is not sent with anything else. */
export interface WholeField extends Field {
  readonly kind: 'whole';
  readonly least: number;
  readonly most: number;
}
/** An absolute path of the host, typed or chosen. */
export interface PathField extends Field {
  readonly kind: 'path';
  readonly mode: 'file' | 'folder' | 'save';
  readonly optional?: boolean;
  /** Name of the new file. */
  readonly name?: string;
  /** Guests are made of it: what is in it is shown. */
  readonly look?: boolean;
}
export interface ChoiceField extends Field {
  readonly kind: 'choice';
  readonly options: readonly { readonly value: string; readonly label: string; readonly hint?: string }[];
}
/** `yes` when ticked, else empty. */
export interface CheckField extends Field {
  readonly kind: 'check';
}
/** Several, one a line. */
export interface LinesField extends Field {
  readonly kind: 'lines';
  readonly placeholder?: string;
}
export type PromptField = TextField | WholeField | PathField | ChoiceField | CheckField | LinesField;

export interface Prompt {
  readonly title: string;
  readonly text?: string;
  readonly fields: readonly PromptField[];
  readonly keep: string;
  readonly yes: string;
  /** What is thrown is shown in the form, which stays open. */
  run(values: Readonly<Record<string, string>>): Promise<unknown>;
  /** It takes long and shows itself elsewhere: the form closes at once, and failing is told elsewhere too. */
  readonly slow?: boolean;
}

class Prompting {
  prompt = $state.raw<Prompt | null>(null);

  ask(prompt: Prompt): void {
    this.prompt = prompt;
  }

  close(): void {
    this.prompt = null;
  }
}

export const prompting = new Prompting();

/** Whether the form may be sent with this in the field. */
export function isFilled(field: PromptField, value: string): boolean {
  if (field.kind === 'whole') return /^\d+$/.test(value) && Number(value) >= field.least && Number(value) <= field.most;
  if (field.kind !== 'text' && field.kind !== 'path') return true;
  return field.optional === true || value.trim() !== '';
}

/** `KEY=value` lines to a record; empty lines do not count, a line without `=` has an empty value. */
export function pairsOf(text: string): Record<string, string> {
  const lines = text.split('\n').flatMap((line) => line.trim() || []);
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

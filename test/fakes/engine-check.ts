/** How the fake engine judges a draft. */
import type { ErrorShape, Guest } from '../../engine/contract/index.ts';
import { RUN_DEFAULTS } from '../../engine/guests/run-defaults.ts';
import { fakeHost } from './engine-host.ts';

interface AskedDraft {
  readonly name: string;
  readonly image?: string | null;
  readonly iso?: string | null;
  readonly memoryMib?: number;
  readonly disks?: readonly unknown[];
}

/** Problems of a draft as the real check words them, and the spec it would become. */
export function checkDraft(guests: ReadonlyMap<string, Guest>, draft: AskedDraft) {
  const problems: { field: string; error: ErrorShape }[] = [];
  const wrong = (field: string, message: string, hint: string) =>
    problems.push({ field, error: { code: 'invalid', message, subject: field, hint } });
  if (!/^[a-z0-9][\w.-]{0,62}$/i.test(draft.name))
    wrong(
      'name',
      'A name has 1 to 63 letters, digits, dots, dashes or underscores.',
      'It starts with a letter or digit.',
    );
  else if ([...guests.values()].some(({ name }) => name === draft.name))
    wrong('name', `There is a guest named ${draft.name} already.`, 'Choose another name.');
  if (!draft.image && !draft.iso && !draft.disks?.length)
    wrong('image', 'Nothing to make it from.', 'Choose an image or an ISO.');
  if ((draft.memoryMib ?? 0) > fakeHost().memoryMib)
    wrong('memoryMib', 'That is more memory than this host has.', 'Ask for less.');
  return {
    medium: null,
    problems,
    spec:
      problems.length > 0
        ? null
        : {
            ...RUN_DEFAULTS,
            diskGib: null,
            ports: [],
            mounts: [],
            env: {},
            command: null,
            network: 'nat',
            iso: null,
            ...draft,
          },
  };
}

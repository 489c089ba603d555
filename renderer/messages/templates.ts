/** Words of templates. */
export const templates = {
  name: 'Name',
  from: 'From a template',
  use: (name: string): string => `New guest from the template ${name}`,
  save: {
    act: 'Save as a template',
    command: 'Save as a template…',
    title: (name: string): string => `Save ${name} as a template`,
    text: 'How it is made: image, isolation, limits, ports, folders. Not its data, and not its first login.',
    replace: 'Replace one of this name',
    keep: 'Do not save',
    yes: 'Save',
    done: (name: string): string => `The template ${name} is saved.`,
  },
  remove: {
    command: (name: string): string => `Delete the template ${name}`,
    title: (name: string): string => `Delete the template ${name}?`,
    text: 'Guests that were made from it stay as they are.',
    keep: (name: string): string => `Keep ${name}`,
    yes: (name: string): string => `Delete ${name}`,
  },
};

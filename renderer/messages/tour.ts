/** Words of the tour: each step says what is to be seen and what its button does. */
export const tour = {
  start: 'Show me around',
  settings: 'Tour',
  settingsHint: 'Makes a small container and leads through it.',
  at: (step: number, all: number): string => `Step ${step} of ${all}`,
  end: 'End the tour',
  steps: {
    make: {
      title: 'A guest of your own',
      text: 'A guest is made from an image. For this tour a small one (2 MiB) is built here, without any network, and a container is made from it and started.',
      act: 'Make it',
    },
    guest: {
      title: 'This is it',
      text: 'Who it is, how it is, and what can be done to it, always in this place. It runs on when this window is closed.',
      act: 'Its console',
    },
    console: {
      title: 'A shell inside',
      text: 'Click into it and type, for example ls. What was written stays, also over a reload.',
      act: 'Its graphs',
    },
    graphs: {
      title: 'What it uses',
      text: 'Processor, memory, disk and network, measured every second and kept for 30 days.',
      act: 'And the end',
    },
    remove: {
      title: 'Gone, and back again',
      text: 'A guest is deleted from the menu beside its buttons, or with Del. It is kept in the trash for a while. Try it with this one.',
      act: 'Delete it',
    },
  },
  undo: {
    title: 'It is in the trash',
    text: 'Undo brings it back as it was. Later it is found under Hosts. That was the tour; it can be started again from Settings.',
    act: 'Undo',
  },
  over: {
    title: 'It is gone',
    text: 'Here nothing is kept in the trash. That was the tour; it can be started again from Settings.',
  },
};

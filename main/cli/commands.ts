/** Every command: what it is for, how it is written, and the file that does it (loaded only when asked for). */

export interface CommandModule {
  /** Answers the exit code; nothing means 0. Throws GuesthouseError. */
  run(args: readonly string[]): Promise<number | undefined>;
}

export interface Command {
  readonly usage: string;
  readonly about: string;
  load(): Promise<CommandModule>;
}

const verb = (name: string, about: string, options = ''): Command => ({
  usage: `${name} ${options}NAME...`,
  about,
  load: async () => (await import('./commands/verbs.ts')).verb(name),
});

export const commands: Readonly<Record<string, Command>> = {
  create: {
    usage:
      'create NAME --image I --isolation container|vm [--cpus N] [--memory MiB] [--disk GiB] [-p [IP:]HOST:GUEST]...\n' +
      '         [-v SRC:DST[:ro]]... [-e K=V]... [--iso FILE] [--network nat|none] [--start] [--json] [-- CMD...]',
    about: 'Make a guest from an image or an ISO.',
    load: () => import('./commands/create.ts'),
  },
  start: verb('start', 'Start guests.'),
  stop: verb('stop', 'Ask guests to shut down; after --time seconds (10), kill them.', '[--time S] '),
  kill: verb('kill', 'End guests at once.'),
  restart: verb('restart', 'Stop and start guests.', '[--time S] '),
  pause: verb('pause', 'Freeze guests where they are.'),
  resume: verb('resume', 'Let paused guests go on.'),
  rm: verb('rm', 'Remove guests and their data; -f also running ones.', '[-f] '),
  ls: { usage: 'ls [--json]', about: 'List guests.', load: () => import('./commands/ls.ts') },
  inspect: {
    usage: 'inspect NAME',
    about: 'Everything about a guest, as JSON.',
    load: () => import('./commands/inspect.ts'),
  },
  logs: {
    usage: 'logs [-f] [--tail N] NAME',
    about: 'What the main program wrote.',
    load: () => import('./commands/logs.ts'),
  },
  exec: {
    usage: 'exec [-t] [-u USER] [-e K=V]... NAME -- CMD...',
    about: "Run a program in a container; exits with the program's code.",
    load: () => import('./commands/exec.ts'),
  },
  console: {
    usage: 'console NAME',
    about: "A guest's own console; Ctrl-] leaves it.",
    load: () => import('./commands/console.ts'),
  },
  stats: {
    usage: 'stats [--json] [--follow] [NAME...]',
    about: 'CPU, memory, disk and network now.',
    load: () => import('./commands/stats.ts'),
  },
  pull: {
    usage: 'pull [--insecure] [--json] [HOST[:PORT]/]NAME[:TAG][@DIGEST]',
    about: 'Fetch an image from a registry.',
    load: () => import('./commands/pull.ts'),
  },
  image: {
    usage: 'image build busybox|debian:12 | image import FILE [--name N] | image ls [--json] | image rm NAME...',
    about: 'What guests are made from.',
    load: () => import('./commands/image.ts'),
  },
  doctor: {
    usage: 'doctor [--json]',
    about: 'What this host has, lacks, and what to do about it.',
    load: () => import('./commands/doctor.ts'),
  },
  serve: {
    usage: 'serve [--port N] [--json]',
    about: 'The window in a browser, on loopback, behind a token.',
    load: () => import('./commands/serve.ts'),
  },
};

/** `guesthouse compose up|down|ps|logs|config|pull|build`; the verbs for services that are up are in compose-guests.ts. */
import { parseArgs } from 'node:util';
import { down, stopAll } from '../../../engine/compose/down.ts';
import { guestsOf, serviceOf } from '../../../engine/compose/labels.ts';
import type { Project } from '../../../engine/compose/project.ts';
import { untilHealthy } from '../../../engine/compose/until-healthy.ts';
import { chosen, type ImageSource, up } from '../../../engine/compose/up.ts';
import type { Client } from '../../../engine/contract/client.ts';
import { type ErrorShape, GuesthouseError } from '../../../engine/contract/errors.ts';
import { portText } from '../../../engine/notation/ports.ts';
import { duration, moment } from '../../../engine/notation/quantity.ts';
import { exactly, misused, number, parse, whole } from '../args.ts';
import { buildImage } from '../build-image.ts';
import { loadName, loadProject, type Wanted } from '../compose/load.ts';
import { showLogs } from '../compose/logs.ts';
import { withEngine } from '../engine.ts';
import { plain, printError, printJson, printTable } from '../print.ts';
import { ensureImage } from '../pull-missing.ts';
import { chooseVerb } from '../verb-table.ts';
import { runExec, runPort, runVerb } from './compose-guests.ts';
import { stateText } from './ls.ts';

/** How long one service waits for another (ms). */
const WAIT_MS = 300_000;
const INTERRUPTED = 130;

const FILE_OPTIONS = {
  file: { type: 'string', short: 'f', multiple: true },
  'project-name': { type: 'string', short: 'p' },
  profile: { type: 'string', multiple: true },
} as const;

interface Asked extends Wanted {
  readonly profiles: readonly string[];
}

/** Options before the verb say which project. */
export async function run(args: readonly string[]): Promise<number | undefined> {
  const { tokens } = parseArgs({
    args: [...args],
    options: FILE_OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const at = tokens.find((token) => token.kind === 'positional')?.index ?? args.length;
  const { values } = parse(args.slice(0, at), FILE_OPTIONS);
  const wanted: Asked = {
    files: values.file ?? [],
    name: values['project-name'] ?? null,
    profiles: values.profile ?? (process.env.COMPOSE_PROFILES ?? '').split(',').filter((name) => name !== ''),
  };
  return chooseVerb('compose', {
    up: (rest) => runUp(wanted, rest),
    down: (rest) => runDown(wanted, rest),
    ps: (rest) => runPs(wanted, rest),
    logs: (rest) => runLogs(wanted, rest),
    config: (rest) => runConfig(wanted, rest),
    pull: (rest) => runImages(wanted, rest, 'pull'),
    build: (rest) => runImages(wanted, rest, 'build'),
    exec: (rest) => runExec(wanted, rest),
    port: (rest) => runPort(wanted, rest),
    start: (rest) => runVerb('start', wanted, rest),
    stop: (rest) => runVerb('stop', wanted, rest),
    restart: (rest) => runVerb('restart', wanted, rest),
    kill: (rest) => runVerb('kill', wanted, rest),
    pause: (rest) => runVerb('pause', wanted, rest),
    unpause: (rest) => runVerb('unpause', wanted, rest),
  })(args.slice(at));
}

const warn = ({ unset }: Project) => {
  for (const name of unset) say(`warning: The variable ${name} is not set; it counts as empty.`);
};
const say = (line: string) => void process.stderr.write(`${plain(line)}\n`);

async function runUp(wanted: Asked, args: readonly string[]): Promise<number> {
  const { values, names } = parse(args, {
    detach: { type: 'boolean', short: 'd' },
    build: { type: 'boolean' },
    wait: { type: 'boolean' },
    'wait-timeout': { type: 'string' },
  });
  const project = loadProject(wanted);
  warn(project);
  const waitMs = values['wait-timeout'] === undefined ? WAIT_MS : duration(values['wait-timeout'], '--wait-timeout');
  const detach = values.detach || values.wait;
  return withEngine(
    async (client) => {
      const beganAt = Date.now();
      const end = new AbortController();
      const interrupt = () =>
        end.abort(new GuesthouseError({ code: 'cancelled', message: 'Interrupted; what is up stays up.' }));
      const release = onInterrupt(interrupt);
      try {
        const { profiles } = wanted;
        const options = {
          services: names,
          profiles,
          build: values.build ?? false,
          waitMs,
          signal: end.signal,
          say,
          images: imagesOf(client),
        };
        const guests = await up(client, project, options).catch((error) => {
          // Here, nobody would be left to stop what came up.
          if (!detach && end.signal.aborted) return stopProject(client, project.name).then(() => null);
          throw error;
        });
        if (guests === null) return INTERRUPTED;
        if (values.wait) {
          const deadline = performance.now() + waitMs;
          const checked = (await client.call('guests.list', {})).filter(
            (guest) => guest.health !== null && guests.some(({ id }) => id === guest.id),
          );
          await Promise.all(checked.map(({ id }) => untilHealthy(client, id, deadline)));
        }
        if (detach) return 0;
        const request = { follow: true, timestamps: false, tailLines: null, sinceMs: beganAt, signal: end.signal };
        await showLogs(client, guests, request);
        if (!end.signal.aborted) return 0;
        await stopProject(client, project.name);
        return INTERRUPTED;
      } finally {
        release();
      }
    },
    // Health checks are the engine's work, also while a detached start waits for one.
    { long: true, by: 'compose' },
  );
}

/** The second Ctrl-C does not wait for anything. */
function onInterrupt(act: () => void): () => void {
  let asked = false;
  const on = () => {
    if (asked) process.exit(INTERRUPTED);
    asked = true;
    act();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, on);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, on);
  };
}

async function stopProject(client: Client, project: string): Promise<void> {
  say('Stopping; Ctrl-C again leaves at once.');
  await stopAll(client, guestsOf(project, await client.call('guests.list', {})), {
    graceMs: null,
    say,
    fail: printError,
  });
}

/** With their progress and their log on stderr. */
const imagesOf = (client: Client): ImageSource => ({
  ensure: (reference, pull) => ensureImage(client, reference, { pull }),
  build: async (build) => (await buildImage(client, build)).name,
});

async function runDown(wanted: Wanted, args: readonly string[]): Promise<number> {
  const { values, names } = parse(args, {
    volumes: { type: 'boolean', short: 'v' },
    time: { type: 'string', short: 't' },
    'remove-orphans': { type: 'boolean' },
  });
  exactly(names, 0, 'compose down', 'no names: it takes the whole project down');
  const seconds = number(values.time, '--time');
  const project = loadName(wanted);
  const graceMs = seconds === undefined ? null : Math.round(seconds * 1000);
  let failed = 0;
  const fail = (error: ErrorShape) => {
    failed = 1;
    printError(error);
  };
  await withEngine((client) => down(client, project, { volumes: values.volumes ?? false, graceMs, say, fail }), {
    by: 'compose',
  });
  return failed;
}

async function runPs(wanted: Wanted, args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    // Those that ended are always told.
    all: { type: 'boolean', short: 'a' },
    quiet: { type: 'boolean', short: 'q' },
    json: { type: 'boolean' },
  });
  const project = loadName(wanted);
  const guests = guestsOf(project, await withEngine((client) => client.call('guests.list', {}))).filter(
    (guest) => names.length === 0 || names.includes(serviceOf(guest)),
  );
  if (values.json) {
    const rows = guests.map((guest) => {
      const { id, name, isolation, state, health, image, address, ports, exit } = guest;
      return {
        service: serviceOf(guest),
        id,
        name,
        isolation,
        state,
        health: health?.status ?? null,
        image,
        address,
        ports,
        exitCode: exit?.code ?? null,
      };
    });
    return printJson(rows) as undefined;
  }
  if (values.quiet) {
    for (const { id } of guests) process.stdout.write(`${id}\n`);
    return undefined;
  }
  printTable(
    ['SERVICE', 'NAME', 'ISOLATION', 'STATE', 'IMAGE', 'PORTS'],
    guests.map((guest) => [
      serviceOf(guest),
      guest.name,
      guest.isolation,
      stateText(guest),
      guest.image ?? '-',
      guest.ports.map(portText).join(', ') || '-',
    ]),
  );
  return undefined;
}

async function runLogs(wanted: Wanted, args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    follow: { type: 'boolean', short: 'f' },
    tail: { type: 'string', short: 'n' },
    since: { type: 'string' },
    timestamps: { type: 'boolean', short: 't' },
  });
  const project = loadName(wanted);
  const end = new AbortController();
  await withEngine(
    async (client) => {
      const all = guestsOf(project, await client.call('guests.list', {}));
      const unknown = names.find((name) => !all.some((guest) => serviceOf(guest) === name));
      if (unknown !== undefined) throw misused(`${project} has no service ${JSON.stringify(unknown.slice(0, 60))} up.`);
      const guests = all.filter((guest) => names.length === 0 || names.includes(serviceOf(guest)));
      if (guests.length === 0) return;
      const release = onInterrupt(() => end.abort());
      await showLogs(client, guests, {
        follow: values.follow ?? false,
        timestamps: values.timestamps ?? false,
        tailLines: values.tail === undefined || values.tail === 'all' ? null : whole(values.tail, '--tail'),
        sinceMs: values.since === undefined ? null : moment(values.since, '--since'),
        signal: end.signal,
      });
      release();
    },
    { long: values.follow ?? false },
  );
  return undefined;
}

/** What the file means, after variables and defaults: to look at, and for scripts. */
async function runConfig(wanted: Asked, args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, { json: { type: 'boolean' } });
  const project = loadProject(wanted);
  warn(project);
  printJson({
    name: project.name,
    services: chosen(project, names, wanted.profiles).map(({ name, draft, build, dependsOn, pull }) => ({
      name,
      guest: draft,
      build,
      dependsOn: dependsOn.map(({ service, condition }) => ({ service, condition })),
      pull,
    })),
    networks: project.networks,
    volumes: project.volumes,
  });
  return undefined;
}

/** `pull`: what has an image of a registry, anew; `build`: what has a Containerfile. Nothing is started. */
async function runImages(wanted: Asked, args: readonly string[], verb: 'pull' | 'build'): Promise<undefined> {
  const { names } = parse(args, {});
  const project = loadProject(wanted);
  warn(project);
  const services = chosen(project, names, wanted.profiles);
  await withEngine(async (client) => {
    const images = imagesOf(client);
    const done = new Set<string>();
    for (const { build, draft } of services) {
      if (verb === 'build' ? build === null : build !== null) continue;
      const image = build === null ? await pulled(draft.image ?? null) : await images.build(build);
      if (image !== null) process.stdout.write(`${image}\n`);
    }
    async function pulled(image: string | null): Promise<string | null> {
      if (image === null || done.has(image)) return null;
      done.add(image);
      return images.ensure(image, 'always');
    }
  });
  return undefined;
}

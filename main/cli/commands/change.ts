/** Commands that make something else of a guest: rename, clone, export, import, update. */
import { resolve } from 'node:path';
import type { CallResult, ExportFormat, GuestChange } from '../../../engine/contract/api.ts';
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import type { Guest, GuestSpec } from '../../../engine/contract/guest.ts';
import type { ImportPlan } from '../../../engine/contract/import.ts';
import { exactly, misused, oneName, parse, quoted } from '../args.ts';
import type { CommandModule } from '../commands.ts';
import { withEngine } from '../engine.ts';
import { planLines } from '../import-plan.ts';
import { guestChange } from '../options/guest-change.ts';
import { GUEST_OPTIONS } from '../options/guest-options.ts';
import { bytes, plain, printJson } from '../print.ts';
import { withProgress } from '../progress.ts';
import { isOthers } from './find.ts';

const JSON_OPTION = { json: { type: 'boolean' } } as const;

export const rename: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, JSON_OPTION);
    const [guest, name] = exactly(names, 2, 'rename', 'a guest and its new name') as [string, string];
    show(await withEngine((client) => client.call('guests.rename', { guest, name })), values.json);
    return undefined;
  },
};

export const clone: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, {
      ...JSON_OPTION,
      full: { type: 'boolean' },
      linked: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
    });
    if (values.full && values.linked)
      throw misused('A clone is full or linked, not both.', 'See `guesthouse help clone`.');
    if (values['dry-run']) {
      const plan = await withEngine((client) => client.call('guests.planClone', { guest: names[0] ?? '' }));
      if (values.json) printJson(plan);
      else for (const line of roomLines(plan)) process.stdout.write(`${line}\n`);
      return undefined;
    }
    const [guest, name] = exactly(names, 2, 'clone', 'a guest and the name of the new one') as [string, string];
    const kind = values.linked ? 'linked' : 'full';
    const made = await withEngine((client) =>
      withProgress(client, 'clone', null, () => client.call('guests.clone', { guest, name, kind })),
    );
    show(made, values.json);
    return undefined;
  },
};

function roomLines({ fullBytes, linkedBytes }: CallResult<'guests.planClone'>): string[] {
  return [
    `full: ${fullBytes === null ? 'not known before' : `about ${bytes(fullBytes)} now`}`,
    `linked: ${linkedBytes === null ? 'not possible' : `about ${bytes(linkedBytes)} now, and what either writes later`}`,
  ];
}

export const exportGuest: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, {
      ...JSON_OPTION,
      output: { type: 'string', short: 'o' },
      format: { type: 'string' },
    });
    const guest = oneName(names, 'export');
    const format = exportFormat(values.format);
    const path = resolve(values.output ?? `${guest}.${ENDINGS[format]}`);
    const written = await withEngine((client) =>
      withProgress(client, 'export', null, () => client.call('guests.export', { guest, path, format })),
    );
    printWritten(written, values.json);
    if (written.needsOurKernel) process.stderr.write(`note: ${plain(onlyHere(guest, format))}\n`);
    return undefined;
  },
};

function onlyHere(guest: string, format: ExportFormat): string {
  return (
    `${guest} was made from a container's image, so this ${format} has no boot loader and starts in no other program; ` +
    'for another Guesthouse, export it without --format.'
  );
}

const ENDINGS: Readonly<Record<ExportFormat, string>> = { guesthouse: 'guest', ova: 'ova', qcow2: 'qcow2' };

function exportFormat(text = 'guesthouse'): ExportFormat {
  if (Object.hasOwn(ENDINGS, text)) return text as ExportFormat;
  throw misused(`--format is guesthouse, ova or qcow2, not ${quoted(text)}.`, 'See `guesthouse help export`.');
}

export const importGuest: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, { ...JSON_OPTION, name: { type: 'string' }, 'dry-run': { type: 'boolean' } });
    const [file] = exactly(names, 1, 'import', 'one file: of an exported guest, a machine or a disk');
    const name = values.name === undefined ? {} : { name: values.name };
    const source = file as string;
    if (values['dry-run']) {
      if (isOthers(source)) throw misused('--dry-run is for files.', 'See `guesthouse find` for machines of others.');
      showPlan(
        await withEngine((client) => client.call('guests.planImport', { path: resolve(source), ...name })),
        values.json,
      );
      return undefined;
    }
    const guest = await withEngine((client) =>
      withProgress(client, 'import-guest', null, () =>
        isOthers(source)
          ? client.call('guests.importFound', { ref: source, ...name })
          : client.call('guests.import', { path: resolve(source), ...name }),
      ),
    );
    show(guest, values.json);
    for (const note of guest.notes) process.stderr.write(`note: ${plain(note)}\n`);
    return undefined;
  },
};

/** What stands against it is a failure, as it is when the file is imported. */
function showPlan(plan: ImportPlan, json = false): void {
  if (json) {
    printJson(plan);
    return;
  }
  for (const line of planLines(plan)) process.stdout.write(`${plain(line)}\n`);
  for (const note of plan.notes) process.stderr.write(`note: ${plain(note)}\n`);
  if (plan.problem) throw new GuesthouseError(plan.problem);
}

/** Options of `update` beside those of a guest: what is taken away from a list. */
const UPDATE_OPTIONS = {
  ...GUEST_OPTIONS,
  'env-rm': { type: 'string', multiple: true },
  'label-rm': { type: 'string', multiple: true },
  'publish-rm': { type: 'string', multiple: true },
  'volume-rm': { type: 'string', multiple: true },
  recreate: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  ...JSON_OPTION,
} as const;

export const update: CommandModule = {
  async run(args) {
    const { values, names, command } = parse(args, UPDATE_OPTIONS);
    const guest = oneName(names, 'update');
    await withEngine(async (client) => {
      const { spec } = await client.call('guests.inspect', { guest });
      const change = { ...merged(spec, guestChange(values, spec), values), ...(command === null ? {} : { command }) };
      if (Object.keys(change).length === 0)
        throw misused('`update` needs something to change.', 'See `guesthouse help update`.');
      if (values['dry-run']) {
        const plan = await client.call('guests.planChange', { guest, change });
        if (values.json) return printJson(plan);
        for (const field of plan.live) process.stdout.write(`${field}: at once\n`);
        for (const field of plan.recreate) process.stdout.write(`${field}: made anew, with --recreate\n`);
        for (const { field, error } of plan.problems) process.stdout.write(`${field}: ${plain(error.message)}\n`);
        return;
      }
      const recreate = values.recreate ? { recreate: true } : {};
      const act = () => client.call('guests.update', { guest, change, ...recreate });
      show(await withProgress(client, values.recreate ? 'recreate' : 'update', null, act), values.json);
    });
    return undefined;
  },
};

type Removals = { readonly [K in `${'env' | 'label' | 'publish' | 'volume'}-rm`]?: readonly string[] | undefined };

/** What comes in lists is added to what is there, or takes its place; `…-rm` takes away. Other fields are replaced. */
export function merged(spec: GuestSpec, change: GuestChange, remove: Removals): GuestChange {
  const without = (record: Readonly<Record<string, string>>, names: readonly string[] = []) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
  const portKey = ({ guestPort, protocol }: { guestPort: number; protocol: string }) => `${guestPort}/${protocol}`;
  const ports = change.ports ?? [];
  const mounts = change.mounts ?? [];
  const goneMounts = remove['volume-rm'] ?? [];
  const gonePorts = (remove['publish-rm'] ?? []).map((text) => {
    if (!/^\d{1,5}(\/(tcp|udp))?$/.test(text))
      throw misused(
        `--publish-rm needs the port in the guest, not ${quoted(text)}.`,
        'Write e.g. --publish-rm 80 or 53/udp.',
      );
    return text.includes('/') ? text : `${text}/tcp`;
  });
  return {
    ...change,
    ...(change.env || remove['env-rm'] ? { env: { ...without(spec.env, remove['env-rm']), ...change.env } } : {}),
    ...(change.labels || remove['label-rm']
      ? { labels: { ...without(spec.labels, remove['label-rm']), ...change.labels } }
      : {}),
    ...(change.ports || gonePorts.length > 0
      ? {
          ports: [
            ...spec.ports.filter(
              (rule) => !gonePorts.includes(portKey(rule)) && !ports.some((fresh) => portKey(fresh) === portKey(rule)),
            ),
            ...ports,
          ],
        }
      : {}),
    ...(change.mounts || goneMounts.length > 0
      ? {
          mounts: [
            ...spec.mounts.filter(
              ({ target }) => !goneMounts.includes(target) && !mounts.some((fresh) => fresh.target === target),
            ),
            ...mounts,
          ],
        }
      : {}),
  };
}

function show(guest: Guest, json: boolean | undefined): void {
  if (json) printJson(guest);
  else process.stdout.write(`${guest.name}\n`);
}

export function printWritten(written: CallResult<'images.save'>, json: boolean | undefined): void {
  if (json) printJson(written);
  else {
    process.stdout.write(`${plain(written.path)}\n`);
    process.stderr.write(`${bytes(written.sizeBytes)} written.\n`);
  }
}

/** Everything that can be done to the disks of a machine. */
import {
  DISK_DEFAULTS,
  type DiskCache,
  type Guest,
  type GuestChange,
  type GuestDisk,
  type MachineDisk,
} from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { prompting } from './prompting.svelte.ts';
import { storeTrouble } from './store-trouble.svelte.ts';
import { toasts } from './toasts.svelte.ts';

const text = m.disks;
const offline = () => (engine.link === 'open' ? null : m.guests.offline);
const isAtRest = ({ state }: Guest) => state === 'stopped' || state === 'failed';

const change = (guest: Guest, fields: GuestChange) => engine.call('guests.update', { guest: guest.id, change: fields });
const changed = (guest: Guest, name: string, fields: Partial<MachineDisk>): GuestChange => ({
  disks: guest.spec.disks.map((disk) => (disk.name === name ? { ...disk, ...fields } : disk)),
});

export function addDisk(guest: Guest): Command {
  const ask = text.ask;
  const options = (['empty', 'image', 'host'] as const).map((value) => ({
    value,
    label: ask.kinds[value],
    hint: ask.kindHints[value],
  }));
  const caches = (['writeback', 'none', 'writethrough', 'unsafe'] as const).map((value) => ({
    value,
    label: ask.caches[value],
  }));
  return command({
    id: 'disk.add',
    title: text.add,
    icon: 'plus',
    why: offline(),
    run: () =>
      prompting.ask({
        title: ask.title(guest.name),
        fields: [
          { kind: 'text', key: 'name', label: ask.name, placeholder: 'data', hint: ask.nameHint },
          { kind: 'choice', key: 'kind', label: ask.kind, value: 'empty', options },
          { kind: 'text', key: 'source', label: ask.source, hint: ask.sourceHint, mono: true, optional: true },
          { kind: 'text', key: 'size', label: ask.size, placeholder: '10', optional: true },
          { kind: 'choice', key: 'cache', label: ask.cache, value: 'writeback', options: caches },
          { kind: 'check', key: 'readOnly', label: ask.readOnly },
        ],
        keep: ask.keep,
        yes: ask.yes,
        run: async (values) => {
          const disk = diskOf(values);
          const act = () => change(guest, { disks: [...guest.spec.disks, disk] });
          if (values.kind !== 'host' || disk.readOnly) return act();
          asking.ask({
            title: ask.sure(disk.from ?? ''),
            text: ask.sureText,
            keep: ask.sureKeep,
            yes: ask.sureYes,
            run: async () => void (await storeTrouble.disks.during(act)),
          });
        },
      }),
  });
}

/** What the form says; the engine says what of it cannot be. */
export function diskOf(values: Readonly<Record<string, string>>): MachineDisk {
  const { name = '', kind = 'empty', source = '', size = '', cache = 'writeback', readOnly = '' } = values;
  return {
    ...DISK_DEFAULTS,
    name: name.trim(),
    from: kind === 'empty' ? null : source.trim(),
    format: kind === 'host' ? 'raw' : 'qcow2',
    sizeGib: kind === 'host' || size.trim() === '' ? null : Number(size.trim().replace(',', '.')),
    cache: cache as DiskCache,
    readOnly: readOnly === 'yes',
  };
}

export function insertMedium(guest: Guest): Command {
  const ask = text.insertAsk;
  return command({
    id: 'disk.insert',
    title: text.insert,
    icon: 'import',
    why: offline(),
    run: () =>
      prompting.ask({
        title: ask.title(guest.name),
        fields: [{ kind: 'path', key: 'iso', mode: 'file', label: ask.path }],
        keep: ask.keep,
        yes: ask.yes,
        run: ({ iso = '' }) => change(guest, { iso: iso.trim() }),
      }),
  });
}

/** In groups, for the menu of one disk. */
export function diskCommands(guest: Guest, disk: GuestDisk): Command[][] {
  const why = offline();
  const { name, kind, attached } = disk;
  const act = (
    id: string,
    label: string,
    icon: Command['icon'],
    run: () => void | Promise<void>,
    more: Partial<Command> = {},
  ) => command({ id, title: `${label}: ${name}`, label, icon, why, run, ...more });
  const during = (work: () => Promise<unknown>) => async () => void (await storeTrouble.disks.during(work));
  if (kind === 'cd')
    return [
      [
        act(
          'disk.eject',
          text.eject,
          'close',
          during(() => change(guest, { iso: '' })),
        ),
      ],
    ];
  const isRoot = name === 'root';
  const atRest = why ?? (isAtRest(guest) ? null : text.whyRunning);
  const checkable = atRest ?? (disk.format === 'raw' ? text.whyRaw : null);
  const plug = act(
    'disk.attach',
    attached ? text.detach : text.attach,
    attached ? 'close' : 'link',
    during(() => change(guest, changed(guest, name, { attached: !attached }))),
  );
  const groups: Command[][] = [];
  if (!isRoot) groups.push([plug]);
  if (kind === 'disk') {
    groups.push(
      [act('disk.resize', text.resize, 'max', () => askSize(guest, disk))],
      [
        act(
          'disk.compact',
          text.compact,
          'broom',
          during(async () => {
            const { beforeBytes, afterBytes } = await engine.call('disks.compact', { guest: guest.id, disk: name });
            toasts.show(text.compacted(name, beforeBytes, afterBytes));
          }),
          { why: atRest },
        ),
        act(
          'disk.check',
          text.check,
          'check',
          during(() => check(guest, name, false)),
          { why: checkable },
        ),
        act('disk.repair', text.repair, 'check', () => askRepair(guest, name), { why: checkable }),
      ],
    );
  }
  if (!isRoot) groups.push([act('disk.remove', text.remove, 'trash', () => askRemove(guest, disk), { danger: true })]);
  return groups;
}

async function check(guest: Guest, disk: string, repair: boolean): Promise<void> {
  const found = await engine.call('disks.check', { guest: guest.id, disk, repair });
  toasts.show(text.checked(disk, found));
}

function askSize(guest: Guest, { name, sizeBytes }: GuestDisk): void {
  const ask = text.resizeAsk;
  const gib = sizeBytes === null ? '' : String(Math.round((sizeBytes / 1024 ** 3) * 100) / 100);
  prompting.ask({
    title: ask.title(name),
    text: ask.text,
    fields: [{ kind: 'text', key: 'size', label: ask.size, value: gib }],
    keep: ask.keep,
    yes: ask.yes,
    run: ({ size = '' }) => {
      const sizeGib = Number(size.trim().replace(',', '.'));
      return change(guest, name === 'root' ? { diskGib: sizeGib } : changed(guest, name, { sizeGib }));
    },
  });
}

function askRepair(guest: Guest, name: string): void {
  const { title, text: why, keep, yes } = text.repairAsk;
  const run = async () => void (await storeTrouble.disks.during(() => check(guest, name, true)));
  asking.ask({ title: title(name), text: why, keep, yes, run });
}

function askRemove(guest: Guest, { name, kind }: GuestDisk): void {
  const ask = text.removeAsk;
  asking.ask({
    title: ask.title(name, guest.name),
    text: kind === 'host' ? ask.hostText : ask.text,
    keep: ask.keep(name),
    yes: ask.yes(name),
    run: async () => {
      const disks = guest.spec.disks.filter((disk) => disk.name !== name);
      await storeTrouble.disks.during(() => change(guest, { disks }));
    },
  });
}

/** `guesthouse create NAME ...`. */
import { isAbsolute, resolve } from 'node:path';
import type { GuestDraft } from '../../../engine/contract/api.ts';
import type { Isolation, Mount, PortRule } from '../../../engine/contract/guest.ts';
import { misused, number, oneName, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { printJson } from '../print.ts';
import { withProgress } from '../progress.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names, command } = parse(args, {
    image: { type: 'string' },
    isolation: { type: 'string' },
    cpus: { type: 'string' },
    memory: { type: 'string' },
    disk: { type: 'string' },
    publish: { type: 'string', short: 'p', multiple: true },
    volume: { type: 'string', short: 'v', multiple: true },
    env: { type: 'string', short: 'e', multiple: true },
    iso: { type: 'string' },
    network: { type: 'string' },
    start: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const name = oneName(names, 'create');
  const cpus = number(values.cpus, '--cpus');
  const memoryMib = number(values.memory, '--memory');
  const diskGib = number(values.disk, '--disk');
  const draft: GuestDraft = {
    name,
    isolation: isolation(values.isolation),
    ...(values.image === undefined ? {} : { image: values.image }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(memoryMib === undefined ? {} : { memoryMib }),
    ...(diskGib === undefined ? {} : { diskGib }),
    ports: (values.publish ?? []).map(port),
    mounts: (values.volume ?? []).map(mount),
    env: Object.fromEntries((values.env ?? []).map(variable)),
    ...(values.iso === undefined ? {} : { iso: file(values.iso) }),
    ...(values.network === undefined ? {} : { network: network(values.network) }),
    command,
  };
  const guest = await withEngine((client) =>
    withProgress(client, 'create', name, async () => {
      const made = await client.call('guests.create', { draft });
      return values.start ? client.call('guests.start', { guest: made.id }) : made;
    }),
  );
  if (values.json) printJson(guest);
  else process.stdout.write(`${guest.id}\n`);
  return undefined;
}

function isolation(text: string | undefined): Isolation {
  if (text === 'container' || text === 'vm' || text === 'microvm') return text;
  throw misused(
    text === undefined ? '`create` needs --isolation.' : `There is no isolation ${JSON.stringify(text.slice(0, 40))}.`,
    'Use --isolation container or --isolation vm.',
  );
}

function network(text: string): 'nat' | 'none' {
  if (text === 'nat' || text === 'none') return text;
  throw misused(`There is no network ${JSON.stringify(text.slice(0, 40))}.`, 'Use --network nat or --network none.');
}

/** `[IP:]HOST:GUEST`, optionally `/tcp`. */
export function port(text: string): PortRule {
  const match = /^(?:([0-9.]+):)?(\d{1,6}):(\d{1,6})(?:\/(tcp))?$/.exec(text);
  if (!match) {
    throw misused(
      `${JSON.stringify(text.slice(0, 60))} is not a port rule.`,
      'Write HOST:GUEST or IP:HOST:GUEST, e.g. -p 8080:80.',
    );
  }
  return { hostIp: match[1] ?? '127.0.0.1', hostPort: Number(match[2]), guestPort: Number(match[3]), protocol: 'tcp' };
}

/** `SRC:DST[:ro|rw]`. */
export function mount(text: string): Mount {
  const [source, target, mode, extra] = text.split(':');
  if (!source || !target || extra !== undefined || (mode !== undefined && mode !== 'ro' && mode !== 'rw')) {
    throw misused(
      `${JSON.stringify(text.slice(0, 60))} is not a folder rule.`,
      'Write SRC:DST or SRC:DST:ro, e.g. -v /srv/data:/data:ro.',
    );
  }
  return { source: resolve(source), target, readOnly: mode === 'ro' };
}

function variable(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw misused(`${JSON.stringify(text.slice(0, 60))} is not NAME=VALUE.`, 'Write e.g. -e LANG=C.UTF-8.');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** A path is made absolute here, where the working folder is known; a bare name without a slash may be an image. */
function file(text: string): string {
  return isAbsolute(text) || text.includes('/') || /\.iso$/i.test(text) ? resolve(text) : text;
}

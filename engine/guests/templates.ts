/** `templates/<name>.json`, one file each: what guests are made from again and again. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasOwnDisk, isHostDisk } from '../contract/disk.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { Template } from '../contract/template.ts';
import { readJson, writeAtomic } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { RUN_DEFAULTS } from './run-defaults.ts';

const VERSION = 1;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** A file larger than any spec may be is not read (bytes). */
const MOST_BYTES = 8 * 1024 * 1024;

type Stored = Template & { readonly version: number };

export interface Templates {
  /** By name. A file that cannot be read is left alone and not listed; the log says so. */
  list(): Promise<Template[]>;
  /** Throws `invalid`, and `conflict` when there is one of this name, unless `replace`. */
  save(name: string, spec: GuestSpec, replace: boolean): Promise<Template>;
  /** Throws `not-found`. */
  remove(name: string): Promise<void>;
}

export function createTemplates(folder: string, log: Log): Templates {
  const fileOf = (name: string) => join(folder, `${checked(name)}.json`);

  const read = async (name: string): Promise<Template | null> => {
    const file = fileOf(name);
    if ((await stat(file)).size > MOST_BYTES) throw new Error('it is too large');
    const stored = await readJson<Stored>(file);
    if (stored === null) return null;
    if (stored.version > VERSION) throw new Error('it was written by a newer Guesthouse');
    if (typeof stored.spec?.isolation !== 'string') throw new Error('it holds no spec');
    // What an older version did not know of is as it was then.
    return { name, createdAt: Number(stored.createdAt) || 0, spec: { ...RUN_DEFAULTS, ...stored.spec } };
  };

  return {
    async list() {
      const names = (await readdir(folder).catch(() => []))
        .filter((file) => file.endsWith('.json'))
        .map((file) => file.slice(0, -'.json'.length))
        .filter((name) => NAME.test(name));
      const found = await Promise.all(
        names.map((name) =>
          read(name).catch((error) => {
            log.warn('a template cannot be read', { name, error });
            return null;
          }),
        ),
      );
      return found.flatMap((template) => template ?? []).sort((a, b) => a.name.localeCompare(b.name));
    },

    async save(name, { name: _name, firstLogin: _login, ...spec }, replace) {
      const file = fileOf(name);
      if (!replace && (await stat(file).catch(() => null)))
        throw new GuesthouseError({
          code: 'conflict',
          message: `There is a template ${name} already.`,
          subject: 'name',
          hint: 'Choose another name, or replace it.',
        });
      const template: Template = {
        name,
        createdAt: Date.now(),
        spec: {
          ...spec,
          macAddress: null,
          ports: spec.ports.map((rule) => ({ ...rule, hostPort: 0 })),
          // A disk of the host is one guest's alone; without it, what else the next is made from is chosen anew.
          disks: spec.disks.filter((disk) => !isHostDisk(disk)),
          diskGib: !hasOwnDisk(spec) && spec.disks.some(isHostDisk) ? null : spec.diskGib,
        },
      };
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeAtomic(file, `${JSON.stringify({ version: VERSION, ...template }, null, 2)}\n`);
      return template;
    },

    async remove(name) {
      await rm(fileOf(name)).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? unknown(name) : error;
      });
    },
  };
}

function checked(name: string): string {
  if (NAME.test(name)) return name;
  throw new GuesthouseError({
    code: 'invalid',
    message: `${JSON.stringify(name.slice(0, 80))} is no name for a template.`,
    subject: 'name',
    hint: 'Use 1 to 63 letters, digits, dots, underscores and hyphens, beginning with a letter or digit.',
  });
}

const unknown = (name: string) =>
  new GuesthouseError({
    code: 'not-found',
    message: `There is no template ${name}.`,
    subject: name,
    hint: 'See `guesthouse template ls`.',
  });

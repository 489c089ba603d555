/** A Vagrant box (developer.hashicorp.com/vagrant/docs/boxes/format): metadata.json says which provider it is for. */
import { z } from 'zod';
import type { Box } from './box.ts';
import { badMachine, type ForeignMachine, shownText } from './machine.ts';
import { readOvfBox } from './ovf-box.ts';

export const VAGRANT_METADATA = 'metadata.json';
const metadata = z.object({
  provider: z.string().max(100),
  format: z.string().max(100).optional(),
  disks: z
    .array(z.object({ path: z.string().max(300).optional(), format: z.string().max(100).optional() }))
    .max(100)
    .optional(),
});
/** What every Vagrantfile of a plain box asks for. */
const LOGIN = 'It is a Vagrant box: its user is usually `vagrant`, with the password `vagrant`.';

/** `name`: of the guest, since boxes have none. Throws `bad-data`. */
export async function readVagrantBox(box: Box, name: string): Promise<ForeignMachine> {
  let said: z.infer<typeof metadata>;
  try {
    said = metadata.parse(JSON.parse((await box.read(VAGRANT_METADATA)).toString('utf8')));
  } catch {
    throw badMachine('Vagrant box', 'its metadata.json cannot be read');
  }
  if (said.provider === 'virtualbox' || said.provider === 'vmware_ovf') {
    const machine = await readOvfBox(box, box.find('box.ovf') ? 'box.ovf' : null);
    const notes = machine.notes.filter((note) => !note.includes('no checksums'));
    return { ...machine, name, from: 'Vagrant', notes: [...notes, LOGIN] };
  }
  if (said.provider !== 'libvirt' && said.provider !== 'qemu')
    throw badMachine('Vagrant box', `it is for ${shownText(said.provider)}`, 'Take the box for libvirt or virtualbox.');
  const wanted = said.disks?.length
    ? said.disks.map((disk, at) => ({
        name: disk.path ?? (at === 0 ? 'box.img' : `box_${at}.img`),
        format: disk.format,
      }))
    : [{ name: 'box.img', format: said.format }];
  const disks = wanted.map(({ name: diskName, format = 'qcow2' }) => {
    const file = box.find(diskName);
    if (file === null) throw badMachine('Vagrant box', `its disk ${shownText(diskName)} is missing`);
    if (format !== 'qcow2' && format !== 'raw')
      throw badMachine('Vagrant box', `its disk is of the kind ${shownText(format)}`);
    const piece = file.piece === null ? {} : { piece: file.piece };
    return { name: diskName, path: file.path, format: format as 'qcow2' | 'raw', ...piece };
  });
  return {
    name,
    from: 'Vagrant',
    cpus: null,
    memoryMib: null,
    firmware: null,
    architecture: null,
    system: null,
    disks,
    iso: null,
    nics: 1,
    notes: [LOGIN],
  };
}

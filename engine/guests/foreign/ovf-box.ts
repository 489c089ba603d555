/** An OVF description with its files, in an OVA or a folder: its manifest must hold, and every file must be beside it. */
import type { Box } from './box.ts';
import { badMachine, type ForeignMachine, shownText } from './machine.ts';
import { parseOvf } from './ovf.ts';

const LINE = /^\s*(SHA1|SHA256|SHA384|SHA512)\s*\((.{1,300})\)\s*=\s*([0-9a-f]{40,128})\s*$/i;

/** `description`: name of the `.ovf` in the box; null: the only one. Throws `bad-data`. */
export async function readOvfBox(box: Box, description: string | null): Promise<ForeignMachine> {
  const found = box.names.filter((name) => /\.ovf$/i.test(name));
  const name = description ?? found[0];
  if (name === undefined) throw badMachine(box.what, 'it has no description (.ovf)');
  if (description === null && found.length > 1) throw badMachine(box.what, 'it has several descriptions');
  const machine = parseOvf(await box.read(name));
  const notes = [...machine.notes];
  await checkManifest(box, name, new Set([name, ...machine.disks.map(({ href }) => href)]), notes);
  const disks = machine.disks.map(({ href, format, gzip, sizeBytes }) => {
    const file = box.find(href);
    if (file === null) throw badMachine(box.what, `the disk ${shownText(href)} is missing in it`);
    const piece = file.piece === null ? {} : { piece: file.piece };
    const said = sizeBytes === null ? {} : { saidBytes: sizeBytes };
    return { name: href, path: file.path, format: gzip ? null : format, ...piece, ...said, ...(gzip ? { gzip } : {}) };
  });
  return { ...machine, architecture: null, iso: null, disks, notes };
}

/** Of what is used nothing may be missing in it, and all it speaks of must be as it says. */
async function checkManifest(box: Box, description: string, used: ReadonlySet<string>, notes: string[]): Promise<void> {
  const base = description.replace(/\.ovf$/i, '');
  if (box.find(`${base}.cert`)) notes.push('Its signature was not checked, only its checksums.');
  const manifests = box.names.filter((name) => /\.mf$/i.test(name));
  const manifest =
    manifests.find((name) => name === `${base}.mf`) ?? (manifests.length === 1 ? manifests[0] : undefined);
  if (manifest === undefined) {
    notes.push('It has no checksums: whether it was copied whole is not known.');
    return;
  }
  const said = new Set<string>();
  for (const line of (await box.read(manifest)).toString('utf8').split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [, algorithm = '', file = '', sum = ''] = LINE.exec(line) ?? [];
    if (algorithm === '') throw badMachine(box.what, 'its manifest cannot be read');
    if (box.find(file) === null)
      throw badMachine(box.what, `its manifest speaks of ${shownText(file)}, which is missing`);
    const digest = await box.digest(file, algorithm.toLowerCase());
    if (digest !== null && digest !== sum.toLowerCase())
      throw badMachine(
        box.what,
        `the checksum of ${shownText(file)} is wrong`,
        'The file was changed, or not copied whole. Copy it again from where it comes from.',
      );
    said.add(file);
  }
  const missing = [...used].find((name) => !said.has(name) && box.find(name) !== null);
  if (missing !== undefined) throw badMachine(box.what, `its manifest does not speak of ${shownText(missing)}`);
}

/** Machines of other programs become guests, and guests become files for them. As root and as an ordinary user. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toErrorShape } from '../../../engine/contract/errors.ts';
import { type EngineHome, makeEngineHome } from '../../fixtures/engine.ts';
import { convertTo, DISK_BYTES, rawDisk, requireSame } from '../../fixtures/foreign-disks.ts';
import {
  domainXml,
  manifestOf,
  ovaOf,
  virtualBoxOvf,
  vmwareOvf,
  vmx,
  writeOva,
  writeSparseTar,
} from '../../fixtures/foreign-machines.ts';
import { makeHome } from '../../fixtures/home.ts';

let home: EngineHome;
let folder: string;
let raw: string;
let raw2: string;
const at = (name: string) => join(folder, name);
const diskOf = (id: string) => join(home.paths.guests, id, 'disk.qcow2');
const failure = (path: string) => home.call('guests.import', { path }).then(() => expect.fail('taken'), toErrorShape);
/** As sha256sum reads them. */
const bsdSums = (manifest: string) => manifest.replace(/^SHA256\((.*)\)= /gm, 'SHA256 ($1) = ');
/** Everything an import could leave. */
const traces = () => [
  ...readdirSync(home.paths.guests),
  ...readdirSync(join(home.paths.images, 'files')),
  ...readdirSync(join(home.paths.images, 'work')),
  ...readdirSync(join(home.paths.home, 'work')),
];

beforeAll(async () => {
  home = await makeEngineHome();
  folder = join(home.paths.home, 'machines');
  mkdirSync(folder);
  mkdirSync(join(home.paths.home, 'work'), { recursive: true });
  raw = rawDisk(at('one.raw'));
  raw2 = rawDisk(at('two.raw'), 9);
  convertTo(raw, at('one.vmdk'), 'vmdk', 'subformat=streamOptimized');
  convertTo(raw2, at('two.vmdk'), 'vmdk', 'subformat=streamOptimized');
});
afterEach(async () => {
  for (const { id } of await home.call('guests.list', {})) await home.call('guests.remove', { guest: id, force: true });
  for (const { id, name } of await home.call('images.list', {}))
    if (!name.startsWith('busybox')) await home.call('images.remove', { image: id });
});
afterAll(() => home?.end());

describe('an OVA', () => {
  test('of VMware, with two disks and SHA1 sums', async () => {
    const ovf = vmwareOvf({ name: 'Old server', disks: ['one.vmdk', 'two.vmdk'] }, folder);
    const path = writeOva(folder, at('server.ova'), ovf, ['one.vmdk', 'two.vmdk'], 'SHA1');
    const guest = await home.call('guests.import', { path });
    expect(guest).toMatchObject({ name: 'Old-server', isolation: 'vm', state: 'stopped', ports: [] });
    expect(guest.spec).toMatchObject({ cpus: 2, memoryMib: 768, network: 'nat', diskGib: DISK_BYTES / 1024 ** 3 });
    expect(guest.notes.join()).toContain('A device was left out: "sound"');
    requireSame(raw, diskOf(guest.id), 'qcow2');
    const image = (await home.call('images.list', {})).find(({ name }) => name === 'old-server-disk-2:latest');
    expect(image?.virtualBytes).toBe(DISK_BYTES);
    expect(guest.spec.disks).toMatchObject([{ name: 'disk2', from: image?.id, attached: true }]);
    // And out again, with both.
    const out = at('out.ova');
    await home.call('guests.export', { guest: guest.id, path: out, format: 'ova' });
    const back = await home.call('guests.import', { path: out, name: 'back' });
    requireSame(raw, diskOf(back.id), 'qcow2');
    const second = (await home.call('images.list', {})).find(({ name }) => name === 'back-disk-2:latest');
    expect(back.spec.disks).toMatchObject([{ name: 'disk2', from: second?.id }]);
    requireSame(raw2, join(home.paths.guests, back.id, 'disks', 'disk2.qcow2'), 'qcow2');
    const again = await home.call('guests.import', { path });
    expect(again.name).toBe('Old-server-2');
  });

  test('is shown before it is imported, without a look at what its disks hold', async () => {
    const ovf = vmwareOvf({ name: 'Old server', disks: ['one.vmdk', 'two.vmdk'], firmware: 'efi' }, folder);
    const path = writeOva(folder, at('look.ova'), ovf, ['one.vmdk', 'two.vmdk']);
    const before = traces();
    const plan = await home.call('guests.planImport', { path });
    expect(plan).toMatchObject({
      ...{ kind: 'machine', from: 'VMware', name: 'Old-server', isolation: 'vm', problem: null, iso: null },
      ...{ system: 'linux', firmware: 'uefi', cpus: 2, memoryMib: 768, networks: ['nat'] },
      disks: [
        { name: 'one.vmdk', virtualBytes: DISK_BYTES, fileBytes: statSync(at('one.vmdk')).size },
        { name: 'two.vmdk', virtualBytes: DISK_BYTES, fileBytes: statSync(at('two.vmdk')).size },
      ],
    });
    expect(plan.notes.join()).toMatch(/A device was left out: "sound".*UEFI firmware remembered was left out/);
    expect(traces()).toEqual(before);
    // A hundred gigabytes between the description and the end: their headers are looked at and nothing else.
    writeFileSync(at('big.ovf'), virtualBoxOvf({ name: 'big', disks: ['big.img'] }));
    const big = at('big.ova');
    writeSparseTar(big, [
      { name: 'big.ovf', content: readFileSync(at('big.ovf')), sizeBytes: statSync(at('big.ovf')).size },
      { name: 'big.img', content: readFileSync(at('one.vmdk')), sizeBytes: 100 * 1024 ** 3 },
    ]);
    const began = performance.now();
    expect(await home.call('guests.planImport', { path: big })).toMatchObject({
      name: 'big',
      disks: [{ name: 'big.img', virtualBytes: DISK_BYTES, fileBytes: 100 * 1024 ** 3 }],
      notes: expect.arrayContaining([expect.stringMatching(/no checksums/)]),
    });
    expect(performance.now() - began).toBeLessThan(5000);
    // What this host has against it stands beside what is in it.
    await home.call('guests.import', { path: raw, name: 'taken' });
    expect(await home.call('guests.planImport', { path, name: 'taken' })).toMatchObject({
      cpus: 2,
      problem: { code: 'conflict', message: expect.stringContaining('taken') },
    });
  });

  test('that is wrong is told before it is imported, as the import would', async () => {
    const look = (path: string) =>
      home.call('guests.planImport', { path }).then(() => expect.fail('taken'), toErrorShape);
    writeFileSync(at('cut.ovf'), virtualBoxOvf({ name: 'cut', disks: ['one.vmdk'] }));
    const whole = ovaOf(folder, ['cut.ovf', 'one.vmdk'], at('cut.ova'));
    truncateSync(whole, statSync(at('cut.ovf')).size + 2048);
    expect(await look(whole)).toMatchObject({ code: 'bad-data', message: expect.stringMatching(/ends too early/) });
    const gone = ovaOf(folder, ['cut.ovf'], at('gone.ova'));
    expect(await look(gone)).toMatchObject({ message: expect.stringMatching(/disk "one.vmdk" is missing/) });
    writeFileSync(at('text.ova'), 'no archive');
    expect(await look(at('text.ova'))).toMatchObject({ code: 'bad-data', subject: at('text.ova') });
    expect(await look(at('nothing.ova'))).toMatchObject({ code: 'not-found' });
    writeFileSync(at('here.vmx'), vmx('away.vmdk'));
    expect(await home.call('guests.planImport', { path: at('here.vmx') })).toMatchObject({
      ...{ kind: 'machine', from: 'VMware', cpus: 2, memoryMib: 1024 },
      disks: [{ name: 'away.vmdk', virtualBytes: null, fileBytes: null }],
      problem: { code: 'not-found', message: 'The disk "away.vmdk" is not there.' },
    });
    ovaOf(folder, ['one.raw'], at('packed.box'), '-z');
    expect(await home.call('guests.planImport', { path: at('packed.box') })).toMatchObject({
      kind: 'packed',
      name: 'packed',
    });
    expect(await home.call('guests.planImport', { path: raw })).toMatchObject({
      ...{ kind: 'disk', from: null, name: 'one', problem: null },
      disks: [{ name: 'one.raw', virtualBytes: DISK_BYTES }],
    });
  });

  test('of VirtualBox, under a name of one’s own', async () => {
    const path = writeOva(folder, at('vbox.ova'), virtualBoxOvf({ name: 'Debian 12', disks: ['one.vmdk'] }), [
      'one.vmdk',
    ]);
    const guest = await home.call('guests.import', { path, name: 'mine' });
    expect(guest).toMatchObject({ name: 'mine', spec: { cpus: 1, memoryMib: 512, ports: [] } });
    expect(guest.notes).toEqual(['Its sound card ("sound") was left out.']);
    requireSame(raw, diskOf(guest.id), 'qcow2');
  });

  test('as a folder with its description', async () => {
    const place = at('folder');
    mkdirSync(place);
    writeFileSync(join(place, 'disk.vmdk'), readFileSync(at('one.vmdk')));
    writeFileSync(join(place, 'a.ovf'), virtualBoxOvf({ name: 'a', disks: ['disk.vmdk'] }));
    const guest = await home.call('guests.import', { path: join(place, 'a.ovf') });
    expect(guest.notes.join()).toContain('no checksums');
    requireSame(raw, diskOf(guest.id), 'qcow2');
    expect((await home.call('guests.import', { path: place })).name).toBe('a-2');
  });

  test('that is wrong in one way or another is refused, and nothing of it is left', async () => {
    const before = traces();
    const ovf = virtualBoxOvf({ name: 'bad', disks: ['one.vmdk'] });
    const bad = async (why: RegExp, make: () => string) => {
      const error = await failure(make());
      expect(error, String(why)).toMatchObject({ code: 'bad-data', message: expect.stringMatching(why) });
      expect(traces()).toEqual(before);
    };
    const plain = () => writeOva(folder, at('bad.ova'), ovf, ['one.vmdk']);
    await bad(/checksum of "one.vmdk" is wrong/, () => {
      plain();
      writeFileSync(at('bad.mf'), readFileSync(at('bad.mf'), 'utf8').replace(/[0-9a-f]{64}\n$/, `${'0'.repeat(64)}\n`));
      return ovaOf(folder, ['bad.ovf', 'bad.mf', 'one.vmdk'], at('bad.ova'));
    });
    await bad(/does not speak of "one.vmdk"/, () => {
      plain();
      writeFileSync(at('bad.mf'), manifestOf(folder, ['bad.ovf']));
      return ovaOf(folder, ['bad.ovf', 'bad.mf', 'one.vmdk'], at('bad.ova'));
    });
    await bad(/speaks of "gone.vmdk", which is missing/, () => {
      plain();
      writeFileSync(at('bad.mf'), `SHA256(gone.vmdk)= ${'0'.repeat(64)}\n`);
      return ovaOf(folder, ['bad.ovf', 'bad.mf', 'one.vmdk'], at('bad.ova'));
    });
    await bad(/two files named "bad.ovf"/, () => {
      plain();
      return ovaOf(folder, ['bad.ovf', 'one.vmdk', 'bad.ovf'], at('bad.ova'), '--hard-dereference');
    });
    await bad(/the name "\.\.\/one\.vmdk"/, () => {
      plain();
      return ovaOf(folder, ['bad.ovf', 'one.vmdk'], at('bad.ova'), '-P', '--transform=s,^one,../one,');
    });
    await bad(/the name "\/one\.vmdk"/, () => {
      plain();
      return ovaOf(folder, ['bad.ovf', 'one.vmdk'], at('bad.ova'), '-P', '--transform=s,^one,/one,');
    });
    await bad(/has a symlink \("link.vmdk"\)/, () => {
      plain();
      symlinkSync('/etc/passwd', at('link.vmdk'));
      return ovaOf(folder, ['bad.ovf', 'link.vmdk'], at('bad.ova'));
    });
    await bad(/"one.vmdk" is missing/, () => {
      plain();
      return ovaOf(folder, ['bad.ovf'], at('bad.ova'));
    });
    await bad(/ends too early|cannot be read/, () => {
      plain();
      truncateSync(at('bad.ova'), 100_000);
      return at('bad.ova');
    });
    await bad(/"\/etc\/shadow", which is elsewhere/, () => {
      writeFileSync(at('bad.ovf'), ovf.replace('ovf:href="one.vmdk"', 'ovf:href="/etc/shadow"'));
      return ovaOf(folder, ['bad.ovf', 'one.vmdk'], at('bad.ova'));
    });
    await bad(/document type/, () => {
      const bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
      writeFileSync(at('bad.ovf'), ovf.replace('?>\n', `?>\n${bomb}\n`).replace('Debian_64<', '&b;<'));
      return ovaOf(folder, ['bad.ovf', 'one.vmdk'], at('bad.ova'));
    });
    await bad(/VMDK disk cannot be used/, () => {
      // The second disk is no disk; the first was converted by then.
      writeFileSync(at('none.vmdk'), 'KDMV, but nothing else');
      writeFileSync(at('bad.ovf'), virtualBoxOvf({ name: 'bad', disks: ['one.vmdk', 'none.vmdk'] }));
      return ovaOf(folder, ['bad.ovf', 'one.vmdk', 'none.vmdk'], at('bad.ova'));
    });
  });

  test('of impossible numbers and a name that steers is a guest with possible ones', async () => {
    const ovf = virtualBoxOvf({ name: 'x\u202e&lt;script&gt;&#10;../../é', disks: ['one.vmdk'] })
      .replace('<rasd:VirtualQuantity>512<', '<rasd:VirtualQuantity>99999999999<')
      .replace('<rasd:VirtualQuantity>1<', '<rasd:VirtualQuantity>4096<');
    const guest = await home.call('guests.import', { path: writeOva(folder, at('huge.ova'), ovf, ['one.vmdk']) });
    expect(guest.name).toBe('x-script-.-.-e');
    expect(guest.notes.join(' ')).toMatch(/had 4096 processors.*had 99999999999 MiB/);
  });
});

describe('a machine that is described', () => {
  test('by VMware, with a disk in parts beside it', async () => {
    const place = at('vmware');
    mkdirSync(place);
    convertTo(raw, join(place, 'box.vmdk'), 'vmdk', 'subformat=twoGbMaxExtentSparse');
    const path = join(place, 'box.vmx');
    writeFileSync(path, vmx('box.vmdk'));
    const guest = await home.call('guests.import', { path });
    expect(guest).toMatchObject({ name: 'Build-box-two', spec: { cpus: 2, memoryMib: 1024, iso: null } });
    expect(guest.notes.join(' ')).toMatch(/medium in its drive.*elsewhere/);
    expect(guest.notes.join(' ')).toMatch(/shared folder "\/home\/me\/shared"/);
    requireSame(raw, diskOf(guest.id), 'qcow2');
    const before = traces();
    writeFileSync(path, vmx('../../../one.vmdk'));
    expect(await failure(path)).toMatchObject({ code: 'bad-data', message: expect.stringContaining('own folder') });
    writeFileSync(path, vmx('box-s001.vmdk'));
    expect(await failure(path)).toMatchObject({ code: 'bad-data', message: expect.stringContaining('several files') });
    expect(traces()).toEqual(before);
  });

  test('by libvirt, whose disks are copied and never used in place', async () => {
    const disk = convertTo(raw, at('domain.qcow2'), 'qcow2');
    const iso = at('domain.iso');
    const medium = Buffer.alloc(64 * 1024);
    medium.write('\x01CD001\x01', 32_768, 'latin1');
    writeFileSync(iso, medium);
    const path = at('domain.xml');
    writeFileSync(path, domainXml('web &amp; db', disk, { iso, second: raw2 }));
    const guest = await home.call('guests.import', { path });
    expect(guest).toMatchObject({ name: 'web-db', spec: { cpus: 2, memoryMib: 512, iso } });
    requireSame(raw, diskOf(guest.id), 'qcow2');
    await home.call('guests.remove', { guest: guest.id });
    rmSync(iso);
    const without = await home.call('guests.import', { path });
    expect(without.spec.iso).toBeNull();
    expect(without.notes.join(' ')).toContain('domain.iso") cannot be used and was left out');
    rmSync(disk);
    requireSame(raw, diskOf(without.id), 'qcow2');
    await home.call('guests.remove', { guest: without.id });
    const before = traces();
    expect(await failure(path)).toMatchObject({ code: 'not-found', subject: disk });
    for (const second of ['/etc/passwd', '/dev/null', '/etc']) {
      writeFileSync(path, domainXml('x', convertTo(raw, at('other.qcow2'), 'qcow2'), { second }));
      expect(await failure(path), second).toMatchObject({ code: 'bad-data' });
    }
    writeFileSync(path, domainXml('x', 'relative.qcow2'));
    expect(await failure(path)).toMatchObject({ code: 'bad-data' });
    expect(traces()).toEqual(before);
  });

  test('by Vagrant, for libvirt and for VirtualBox', async () => {
    const place = at('vagrant');
    mkdirSync(place);
    convertTo(raw, join(place, 'box.img'), 'qcow2');
    writeFileSync(join(place, 'Vagrantfile'), 'Vagrant.configure("2") do |config|\nend\n');
    writeFileSync(join(place, 'metadata.json'), '{"provider":"libvirt","format":"qcow2","virtual_size":1}');
    const libvirt = ovaOf(place, ['metadata.json', 'Vagrantfile', 'box.img'], at('bookworm64.box'), '-z');
    const guest = await home.call('guests.import', { path: libvirt });
    expect(guest.name).toBe('bookworm64');
    requireSame(raw, diskOf(guest.id), 'qcow2');
    expect((await home.call('guests.import', { path: place })).name).toBe('vagrant');

    writeFileSync(join(place, 'metadata.json'), '{"provider":"virtualbox"}');
    writeFileSync(join(place, 'box.ovf'), virtualBoxOvf({ name: 'packer-1', disks: ['one.vmdk'] }));
    writeFileSync(join(place, 'one.vmdk'), readFileSync(at('one.vmdk')));
    const names = ['./metadata.json', './box.ovf', './one.vmdk'];
    const box = await home.call('guests.import', { path: ovaOf(place, names, at('trixie.box'), '-z') });
    expect(box).toMatchObject({ name: 'trixie', spec: { memoryMib: 512 } });
    requireSame(raw, diskOf(box.id), 'qcow2');
    writeFileSync(join(place, 'metadata.json'), '{"provider":"hyperv"}');
    expect(await failure(ovaOf(place, names, at('hyperv.box'), '-z'))).toMatchObject({ code: 'bad-data' });
  });

  test('by nobody', async () => {
    const before = traces();
    for (const text of [
      '<html><body/></html>',
      '<domain type="lxc"><name>a</name></domain>',
      '<a><b></a>',
      'config.version = "8"\n',
      '<Envelope/>',
    ]) {
      writeFileSync(at('nothing.xml'), text);
      expect(await failure(at('nothing.xml')), text).toMatchObject({ code: 'bad-data' });
    }
    expect(await failure(at('absent'))).toMatchObject({ code: 'not-found' });
    expect(traces()).toEqual(before);
  });
});

describe('a machine leaves', () => {
  test('as an OVA that others read, and that comes back the same', async () => {
    const disk = convertTo(raw, at('leaves.qcow2'), 'qcow2');
    writeFileSync(at('leaves.xml'), domainXml('leaves', disk));
    const { id } = await home.call('guests.import', { path: at('leaves.xml') });
    const path = at('leaves.ova');
    const written = await home.call('guests.export', { guest: id, path, format: 'ova' });
    expect(written).toEqual({ path, sizeBytes: statSync(path).size, needsOurKernel: false });
    const place = at('unpacked');
    mkdirSync(place);
    execFileSync('tar', ['-xf', path, '-C', place]);
    expect(execFileSync('tar', ['-tf', path], { encoding: 'utf8' })).toBe('leaves.ovf\nleaves.mf\nleaves-disk1.vmdk\n');
    execFileSync('sha256sum', ['--check'], {
      cwd: place,
      input: bsdSums(readFileSync(join(place, 'leaves.mf'), 'utf8')),
    });
    const vmdk = join(place, 'leaves-disk1.vmdk');
    execFileSync('qemu-img', ['check', '-f', 'vmdk', vmdk]);
    requireSame(raw, vmdk, 'vmdk');
    const back = await home.call('guests.import', { path, name: 'back' });
    expect(back.spec).toMatchObject({ cpus: 2, memoryMib: 512, network: 'nat', diskGib: DISK_BYTES / 1024 ** 3 });
    expect(back.notes).toEqual([]);
    requireSame(raw, diskOf(back.id), 'qcow2');
    await expect(home.call('guests.export', { guest: id, path, format: 'ova' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(readdirSync(join(home.paths.home, 'work'))).toEqual([]);
  });

  test('as a disk that needs no other', async () => {
    const { id: image } = await home.call('images.import', { path: raw, name: 'base' });
    const { id } = await home.call('guests.create', { draft: { name: 'over', isolation: 'vm', image } });
    const path = at('over.qcow2');
    await home.call('guests.export', { guest: id, path, format: 'qcow2' });
    const info = JSON.parse(
      execFileSync('qemu-img', ['info', '--output=json', '-f', 'qcow2', path], { encoding: 'utf8' }),
    );
    expect(info['backing-filename']).toBeUndefined();
    requireSame(raw, path, 'qcow2');
  });

  test('and says so where nothing but Guesthouse would start it', async () => {
    const cli = makeHome();
    try {
      await cli.ok(['image', 'build', 'busybox']);
      await cli.ok(['create', 'box', '--image', 'busybox', '--isolation', 'vm', '--network', 'none']);
      const out = (format: string) =>
        cli.gh(['export', '--format', format, '-o', join(cli.path, `box.${format}`), 'box']);
      for (const format of ['ova', 'qcow2']) {
        const { code, stdout, stderr } = await out(format);
        expect({ code, stdout }).toEqual({ code: 0, stdout: `${join(cli.path, `box.${format}`)}\n` });
        expect(stderr).toContain(`note: box was made from a container's image, so this ${format} has no boot loader`);
        expect(stderr).toContain('export it without --format');
      }
      expect((await out('guesthouse')).stderr).not.toContain('note:');
    } finally {
      await cli.end();
    }
  });

  test('and a container has no disk to leave as', async () => {
    const { id } = await home.call('guests.create', {
      draft: { name: 'box', isolation: 'container', image: 'busybox' },
    });
    for (const format of ['ova', 'qcow2'] as const)
      await expect(home.call('guests.export', { guest: id, path: at('box'), format })).rejects.toMatchObject({
        code: 'unsupported',
      });
    expect(existsSync(at('box'))).toBe(false);
  });
});

test('a disk alone is a guest too, and a name that is taken is refused', async () => {
  const guest = await home.call('guests.import', { path: at('one.vmdk'), name: 'alone' });
  expect(guest).toMatchObject({ name: 'alone', isolation: 'vm', image: null });
  requireSame(raw, diskOf(guest.id), 'qcow2');
  await expect(home.call('guests.import', { path: at('one.vmdk'), name: 'alone' })).rejects.toMatchObject({
    code: 'conflict',
  });
});

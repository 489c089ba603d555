/** What strangers write about machines. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuesthouseError } from '../../contract/errors.ts';
import { parseLibvirt } from './libvirt-xml.ts';
import { freeGuestName, safeName } from './machine.ts';
import { parseOvf } from './ovf.ts';
import { composeOvf } from './ovf-write.ts';
import { parseVmx } from './vmx.ts';
import { all, first, parseXml } from './xml.ts';

const bytes = (text: string) => Buffer.from(text);

describe('XML', () => {
  test('names come without prefixes, texts with their characters', () => {
    const root = parseXml(
      bytes('<a:r xmlns:a="x" b:k="1 &lt; 2"><c> &amp;#169;&#xA9; </c><![CDATA[<d/>]]></a:r>'),
      'file',
    );
    expect(root).toMatchObject({ name: 'r', attributes: { k: '1 < 2' } });
    expect(first(root, 'c')?.text).toBe('&#169;©');
    expect(all(root, 'd')).toEqual([]);
  });
  test.each([
    ['entities of its own', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'document type'],
    ['a file of the host', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'document type'],
    ['a depth without end', '<a>'.repeat(100) + '</a>'.repeat(100), 'nested'],
    ['no end', '<a><b>', 'cannot be read'],
    ['two roots', '<a/><b/>', 'cannot be read'],
    ['nothing', '', 'cannot be read'],
    ['too much', `<a>${' '.repeat(5_000_000)}</a>`, 'too large'],
    ['too many', `<a>${'<b/>'.repeat(100_001)}</a>`, 'too many'],
  ])('%s is refused', (_, text, why) => {
    expect(() => parseXml(bytes(text), 'file')).toThrow(why);
  });
  test('names that mean something to JavaScript change nothing', () => {
    expect(() => parseXml(bytes('<a><__proto__><x/></__proto__></a>'), 'file')).toThrow('cannot be read');
    const root = parseXml(bytes('<a toString="2"><x/></a>'), 'file');
    expect(String(all(root, 'x').length)).toBe('1');
    expect(Object.getPrototypeOf(root.attributes)).toBeNull();
  });
});

/** Whatever it is, it is read or refused in words. */
test.each([
  [
    'OVF',
    parseOvf,
    '<Envelope><References><File id="f" href="d.vmdk"/></References><VirtualSystem id="a"><VirtualHardwareSection><Item><ResourceType>17</ResourceType><HostResource>/file/f</HostResource></Item></VirtualHardwareSection></VirtualSystem></Envelope>',
  ],
  [
    'libvirt',
    parseLibvirt,
    '<domain type="kvm"><name>a</name><memory unit="GiB">1</memory><devices><disk><source file="/d"/></disk></devices></domain>',
  ],
  ['VMX', parseVmx, 'config.version = "8"\nscsi0:0.fileName = "a.vmdk"\nmemsize = "512"\n'],
] as const)(
  '%s holds against chance',
  (_, parse, seed) => {
    const run = (text: string) => {
      try {
        parse(bytes(text));
      } catch (error) {
        if (!(error instanceof GuesthouseError)) throw error;
      }
    };
    run(seed);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), run), { numRuns: 200 });
    fc.assert(
      fc.property(fc.nat(seed.length), fc.string({ maxLength: 5 }), (at, piece) =>
        run(seed.slice(0, at) + piece + seed.slice(at + 1)),
      ),
      { numRuns: 500 },
    );
  },
  60_000,
);

describe('an OVF', () => {
  const ovf = (hardware: string, more = '', references = '') =>
    bytes(
      `<Envelope><References>${references}</References><VirtualSystem id="a"><VirtualHardwareSection>${hardware}</VirtualHardwareSection>${more}</VirtualSystem></Envelope>`,
    );
  const item = (type: number, fields: Record<string, string | number>) =>
    `<Item><ResourceType>${type}</ResourceType>${Object.entries(fields)
      .map(([key, value]) => `<${key}>${value}</${key}>`)
      .join('')}</Item>`;

  test.each([
    ['byte * 2^20', 512, 512],
    ['MegaBytes', 256, 256],
    ['GigaBytes', 2, 2048],
    ['byte * 2^30', 3, 3072],
  ])('memory in %s', (AllocationUnits, VirtualQuantity, memoryMib) => {
    expect(parseOvf(ovf(item(4, { AllocationUnits, VirtualQuantity }))).memoryMib).toBe(memoryMib);
  });
  test('numbers that are none count as not said', () => {
    for (const VirtualQuantity of ['-1', '1e9', 'all', '0x10', '9'.repeat(30)])
      expect(parseOvf(ovf(item(3, { VirtualQuantity }))).cpus).toBeNull();
  });
  test('firmware as VMware and as VirtualBox say it', () => {
    expect(parseOvf(ovf('')).firmware).toBeNull();
    expect(parseOvf(ovf('<Config key="firmware" value="efi"/>')).firmware).toBe('uefi');
    const secure = '<Config key="firmware" value="efi"/><Config key="uefi.secureBoot.enabled" value="true"/>';
    expect(parseOvf(ovf(secure)).firmware).toBe('uefi-secure');
    expect(parseOvf(ovf('', '<Machine><Hardware><Firmware type="EFI"/></Hardware></Machine>'))).toMatchObject({
      firmware: 'uefi',
      from: 'VirtualBox',
    });
    expect(parseOvf(ovf('', '<Machine><Hardware/></Machine>')).firmware).toBe('bios');
  });
  test('disks in the order of their places, and those without content left out', () => {
    const files = '<File id="one" href="1.vmdk"/><File id="two" href="2.vmdk"/>';
    const hardware = [
      item(20, { InstanceID: 3 }),
      item(17, { HostResource: 'ovf:/file/two', Parent: 3, AddressOnParent: 1 }),
      item(17, { HostResource: '/file/one', Parent: 3, AddressOnParent: 0 }),
      item(17, { HostResource: '/disk/none', ElementName: 'empty' }),
    ].join('');
    const { disks, notes } = parseOvf(ovf(hardware, '', files));
    expect(disks.map(({ href }) => href)).toEqual(['1.vmdk', '2.vmdk']);
    expect(notes).toEqual(['A disk without content ("empty") was left out.']);
  });
  test('of several machines is refused', () => {
    expect(() =>
      parseOvf(
        bytes(
          '<Envelope><VirtualSystemCollection><VirtualSystem/><VirtualSystem/></VirtualSystemCollection></Envelope>',
        ),
      ),
    ).toThrow('2 machines');
  });
});

test('what is written is what is read', () => {
  const disks = [1, 2].map((at) => ({ href: `a-disk${at}.vmdk`, sizeBytes: 5, virtualBytes: 1024 ** 3 }));
  const guest = { name: `a"<&'b`, cpus: 3, memoryMib: 700, firmware: 'uefi-secure', hasNetwork: true, disks } as const;
  expect(parseOvf(bytes(composeOvf(guest)))).toMatchObject({
    name: `a"<&'b`,
    cpus: 3,
    memoryMib: 700,
    firmware: 'uefi-secure',
    nics: 1,
    disks: disks.map(({ href, virtualBytes }) => ({ href, sizeBytes: virtualBytes, format: 'vmdk', gzip: false })),
    notes: [],
  });
  expect(parseOvf(bytes(composeOvf({ ...guest, firmware: 'bios', hasNetwork: false })))).toMatchObject({
    nics: 0,
    firmware: null,
  });
});

test('a domain with a firmware, several disks and things of its host', () => {
  const domain = parseLibvirt(
    bytes(`<domain type="kvm"><name>w</name><memory unit="GiB">4</memory><vcpu>4</vcpu><os firmware="efi"><type arch="aarch64">hvm</type><loader secure="yes"/></os><devices>
      <disk device="disk"><driver type="raw"/><source file="/b.raw"/><boot order="2"/></disk>
      <disk device="disk"><driver type="qcow2"/><source file="/a.qcow2"/><boot order="1"/></disk>
      <disk type="network" device="disk"><source protocol="rbd" name="pool/x"/></disk>
      <disk device="cdrom"><source file="/c.iso"/></disk><disk device="floppy"><source file="/f.img"/></disk>
      <hostdev/><hostdev/><interface/><interface/><tpm/></devices></domain>`),
  );
  expect(domain).toMatchObject({
    cpus: 4,
    memoryMib: 4096,
    firmware: 'uefi-secure',
    architecture: 'aarch64',
    iso: '/c.iso',
    nics: 2,
  });
  expect(domain.disks).toEqual([
    { path: '/a.qcow2', format: 'qcow2' },
    { path: '/b.raw', format: 'raw' },
  ]);
  expect(domain.notes).toHaveLength(5);
});

test('names become such as a guest may have', () => {
  expect(safeName('Windows 10 (64-bit)')).toBe('Windows-10-64-bit');
  expect(safeName('../../etc/passwd')).toBe('etc-passwd');
  expect(safeName('<b>x</b>\n\u202eevil')).toBe('b-x-b-evil');
  expect(safeName('Größe')).toBe('Gro-e');
  expect(safeName('日本語')).toBe('imported');
  expect(safeName('a'.repeat(300))).toHaveLength(63);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/.test(safeName(text))),
  );
  expect(freeGuestName('web', new Set(['web', 'web-2']))).toBe('web-3');
});

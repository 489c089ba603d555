import { expect, it } from 'vitest';
import { headOf, lvmChecksum } from '../../../../test/fixtures/spread-group.ts';
import { volumeGroupHead } from '../../../../test/fixtures/volume-group.ts';
import { mapRequests } from './device-mapper.ts';
import { physicalVolume, textOfArea, volumeGroup } from './lvm.ts';
import { parseLvmText } from './lvm-text.ts';
import { openVolumeGroups } from './volume-groups.ts';

const ID = 'Tao2ppwOe4Nbi2cbBAPVtEB7KV8PJPgO';

it('reads what lvm2 wrote', () => {
  const head = volumeGroupHead();
  const found = physicalVolume(head);
  expect(found).toEqual({ id: ID, areas: [{ at: 4096, bytes: 1_044_480 }] });
  const area = found?.areas[0] as { at: number; bytes: number };
  const pieces = textOfArea(head.subarray(4096, 4608), area);
  expect(pieces).toEqual([{ at: 9216, bytes: 1629 }]);
  const group = volumeGroup(head.toString('latin1', 9216, 9216 + 1629));
  expect(group).toMatchObject({ name: 'vg-gh', sequence: 4, members: [ID] });
  expect(group?.volumes).toMatchObject([
    {
      mapped: 'vg--gh-root',
      kind: null,
      runs: [
        { start: 0, length: 49_152, chunk: 0, on: [{ volume: ID, at: 2048 }] },
        { start: 49_152, length: 16_384, chunk: 0, on: [{ volume: ID, at: 2048 + 8 * 8192 }] },
      ],
    },
    { mapped: 'vg--gh-home--data', kind: null },
  ]);
});

it('holds the made group over two disks to what lvm2 wrote', () => {
  const written = volumeGroupHead();
  for (const head of [written, headOf(0), headOf(1)]) {
    const text = head.subarray(4096 + Number(head.readBigUInt64LE(4096 + 40)));
    const sums = [
      lvmChecksum(head.subarray(532, 1024)),
      lvmChecksum(head.subarray(4100, 4608)),
      lvmChecksum(text.subarray(0, Number(head.readBigUInt64LE(4096 + 48)))),
    ];
    expect(sums).toEqual([head.readUInt32LE(528), head.readUInt32LE(4096), head.readUInt32LE(4096 + 56)]);
    // All but the number of its last bytes in use, its text's place, and who it is.
    expect(head.subarray(4100, 4096 + 40)).toEqual(written.subarray(4100, 4096 + 40));
  }
});

it('goes round in an area that is full', () => {
  const header = Buffer.from(volumeGroupHead().subarray(4096, 4608));
  header.writeBigUInt64LE(1000n, 40);
  header.writeBigUInt64LE(1200n, 48);
  expect(textOfArea(header, { at: 4096, bytes: 2000 })).toEqual([
    { at: 5096, bytes: 1000 },
    { at: 4608, bytes: 200 },
  ]);
  for (const [offset, bytes] of [
    [100n, 10n],
    [3000n, 10n],
    [600n, 1900n],
    [600n, 0n],
    [600n, 2n ** 60n],
  ] as const) {
    header.writeBigUInt64LE(offset, 40);
    header.writeBigUInt64LE(bytes, 48);
    expect(textOfArea(header, { at: 4096, bytes: 2000 })).toBeNull();
  }
});

const group = (volumes: string) => `g { id = "${ID}" seqno = 1 extent_size = 8
  physical_volumes { pv0 { id = "${ID}" pe_start = 2048 } pv1 { id = "${ID.replace('T', 'U')}" pe_start = 4096 } }
  logical_volumes { ${volumes} } }`;
const volume = (name: string, segment: string) =>
  `${name} { id = "${ID}" status = ["READ", "VISIBLE"] segment_count = 1 segment1 { start_extent = 0 extent_count = 4 ${segment} } }`;

it('puts stripes together, and names what is of another kind', () => {
  const found = volumeGroup(
    group(
      volume('s', 'type = "striped" stripe_count = 2 stripe_size = 128 stripes = ["pv0", 1, "pv1", 2]') +
        volume('t', 'type = "thin" thin_pool = "pool"') +
        volume('w', 'type = "striped" stripe_count = 1 stripes = ["pv7", 0]') +
        volume('2024', 'type = "striped" stripe_count = 1 stripes = ["pv1", 0]'),
    ),
  );
  expect(found?.volumes.map(({ name, kind }) => [name, kind])).toEqual([
    ['s', null],
    ['t', 'thin'],
    ['w', 'damaged'],
    ['2024', null],
  ]);
  const [striped] = found?.volumes ?? [];
  const requests = striped && mapRequests(striped, (id) => (id === ID ? 'vda2' : 'vdb'));
  expect(requests?.toString('latin1')).toContain('2 128 /dev/vda2 2056 /dev/vdb 4112\0');
  expect(requests?.length).toBe(3 * (8 + 312) + 40 + 40);
});

it('is not led astray by what is no text of lvm2', () => {
  for (const text of ['', 'g', 'g {', 'g { id = }', 'g } {', `${'a {'.repeat(5000)}`, 'g { a = [1, }', '\0', '[[[['])
    expect(volumeGroup(text)).toBeNull();
  expect(parseLvmText('a { b = "x\\"y" c = [] # no\n d = [1, "2"] }')?.get('a')).toEqual(
    new Map<string, unknown>([
      ['b', 'x"y'],
      ['c', []],
      ['d', [1, '2']],
    ]),
  );
  const head = volumeGroupHead();
  for (const length of [0, 511, 520, 600, 1023]) expect(physicalVolume(head.subarray(0, length))).toBeNull();
  head.writeUInt32LE(4_000_000_000, 512 + 20);
  expect(physicalVolume(head)).toBeNull();
});

it('says of a group what is missing, and goes on', async () => {
  const head = volumeGroupHead();
  const asked: string[] = [];
  const act = async ([verb, device, first, count]: readonly string[]) => {
    asked.push(`${verb} ${device ?? ''}`.trim());
    if (verb === 'map') throw new Error('refused');
    return head.subarray(Number(first) * 512, (Number(first) + Number(count)) * 512);
  };
  const heads = new Map([
    ['vda1', head],
    ['vdb', head],
    ['vdc', Buffer.alloc(4096)],
  ]);
  const said = await openVolumeGroups(act, heads, new AbortController().signal);
  expect(asked).toEqual(['sectors vda1', 'sectors vda1', 'map', 'map']);
  expect(said.get('vda1')).toMatch(/volume group vg-gh .*Not put together of it: root .*home-data/);
  expect(said.get('vdb')).toMatch(/same part .* as vda1/);
  expect(said.has('vdc')).toBe(false);
});

/** A machine's screen and keyboard with no display open, by the command line on a real QEMU. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeHome, type TestHome, until } from '../../fixtures/home.ts';

/** Debian's package grub-rescue-pc. */
const ISO = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';

let home: TestHome;
beforeAll(() => {
  home = makeHome();
});
afterAll(() => home.end());

it('shows its screen, and takes keys and text', async (context) => {
  if (!existsSync(ISO)) context.skip('no ISO here: package grub-rescue-pc');
  await home.ok([
    'create',
    'box',
    '--isolation',
    'vm',
    '--memory',
    '128',
    '--network',
    'none',
    '--iso',
    ISO,
    '--disk',
    '1',
  ]);
  expect(await home.gh(['screenshot', 'box'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('wrong-state'),
  });
  await home.ok(['start', 'box']);

  const file = join(home.path, 'box.png');
  const shoot = async (...options: string[]) => {
    const said = await home.ok(['screenshot', '-o', file, ...options, 'box']);
    const png = readFileSync(file);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    expect(said).toBe(`${file}: ${width} × ${height}\n`);
    return { width, height, png };
  };
  // The menu: once it is there the picture stays as it is, but for the seconds it counts.
  await until(async () => (await shoot()).png.length > 3000, 40_000);
  const small = await shoot('--width', '100');
  expect(small.width).toBe(100);

  expect(await home.gh(['sendkey', 'box', 'ctrl-bogus'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"ctrl-bogus" is not a key'),
  });
  // QEMU's own monitor, line by line. What it does to the machine is seen.
  const monitor = (input: string) => home.ok(['console', '--monitor', 'box'], { input });
  expect(await monitor('info status\nnonsense\n')).toMatch(/^VM status: running\nunknown command: 'nonsense'/);
  await monitor('stop\n');
  expect(JSON.parse(await home.ok(['ls', '--json']))[0].state).toBe('paused');
  await monitor('cont\n');
  expect(JSON.parse(await home.ok(['ls', '--json']))[0].state).toBe('running');
  // Leaves the menu for GRUB's command line, where `halt` switches the machine off: only keys that arrive do that.
  // GRUB has a US keyboard: where that has an `a`, a French one has a `q`.
  await home.ok(['update', '--keyboard', 'fr', 'box']);
  expect(await home.gh(['sendkey', '--text', 'aß€ž', 'box'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Nothing was typed: the keyboard fr has no key for "ž"'),
  });
  await until(async () => {
    await home.ok(['sendkey', '--text', 'hqlt\n', 'box', 'c']).catch(() => {});
    const [box] = JSON.parse(await home.ok(['ls', '--json']));
    return box.state === 'stopped';
  }, 60_000);
  expect(await home.gh(['sendkey', 'box', 'ret'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Start it first'),
  });
});

it('says of a container that it has none', async () => {
  await home.ok(['image', 'build', 'busybox']);
  await home.ok(['create', 'cell', '--image', 'busybox', '--isolation', 'container', '--', 'sleep', '600']);
  await home.ok(['start', 'cell']);
  for (const words of [
    ['screenshot', 'cell'],
    ['sendkey', 'cell', 'a'],
  ])
    expect(await home.gh(words)).toMatchObject({ code: 1, stderr: expect.stringContaining('has no screen') });
  expect(await home.gh(['console', '--monitor', 'cell'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no emulator'),
  });
});

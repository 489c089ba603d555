/** Debian's installer from its medium: the machine boots the ISO to the menu that a person chooses from. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectUnix } from '../../../engine/drivers/qemu/connect.ts';
import { openQmp } from '../../../engine/drivers/qemu/qmp/client.ts';
import { guestRunFolder } from '../../../engine/host/paths.ts';
import { installerLack, makeInstallerIso } from '../../fixtures/installer-iso.ts';
import { type Machines, makeMachines } from '../../fixtures/machines.ts';

/** The menu is a picture of thousands of colours; firmware and boot loader write in a few. */
const MENU_COLOURS = 500;

let machines: Machines;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gh-installer-'));
  machines = await makeMachines();
});
afterAll(async () => {
  await machines?.end();
  rmSync(folder, { recursive: true, force: true });
});

it('boots to its menu on the display', async (context) => {
  const lack = installerLack();
  if (lack !== null) context.skip(`no installer medium can be made here: package ${lack}`);
  const isoPath = await makeInstallerIso(folder);
  const guest = machines.record({ image: null, memoryMib: 256 }, { imageId: null, isoPath });
  await machines.up(guest);
  // QEMU has one monitor connection, which the driver holds: let go of it for the picture.
  await machines.driver.close();
  const run = guestRunFolder(machines.paths, guest.id);
  const qmp = await openQmp(await connectUnix(join(run, 'qemu', 'qmp.sock')), { onEvent() {}, onClose() {} });
  let colours = 0;
  for (let tries = 0; tries < 120 && colours < MENU_COLOURS; tries++) {
    await sleep(250);
    await qmp.execute('screendump', { filename: 'screen.ppm' });
    colours = countColours(readFileSync(join(run, 'qemu', 'screen.ppm')));
  }
  qmp.close();
  expect(colours).toBeGreaterThan(MENU_COLOURS);
  await machines.restartEngine();
  await machines.driver.adopt(guest);
  await machines.driver.kill(guest);
});

/** Different colours of a binary PPM. */
function countColours(ppm: Buffer): number {
  const colours = new Set<number>();
  for (let at = ppm.indexOf('\n255\n') + 5; at + 2 < ppm.length; at += 3) colours.add(ppm.readUIntBE(at, 3));
  return colours.size;
}

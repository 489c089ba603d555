/** Disks of machines with real QEMU: what comes and goes while it runs. As root and as an ordinary user. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectUnix } from '../../engine/drivers/qemu/connect.ts';
import { plug, unplug } from '../../engine/drivers/qemu/hotplug.ts';
import { openQmp } from '../../engine/drivers/qemu/qmp/client.ts';
import { handOver, setsOf, takeBack } from '../../engine/drivers/qemu/qmp/hand-over.ts';
import { machinePaths } from '../../engine/drivers/qemu/run-record.ts';
import { type Machines, makeMachines } from '../fixtures/machines.ts';

let machines: Machines;
beforeAll(async () => {
  machines = await makeMachines();
});
afterAll(async () => {
  await machines?.end();
});

it('a confined machine is handed a disk while it runs, and gives it back', async () => {
  const guest = machines.record({ command: ['sh'] });
  await machines.up(guest);
  const console = await machines.open(guest);
  await console.until(/# /);
  const disk = join(machines.paths.home, 'further.qcow2');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '16M'], { stdio: 'ignore' });
  // QEMU has one monitor connection, which the driver holds otherwise.
  await machines.driver.close();
  const qmp = await openQmp(await connectUnix(machinePaths(machines.paths, guest.id).qmp), {
    onEvent() {},
    onClose() {},
  });
  const handed = await handOver(qmp, disk, 'write');
  await qmp.execute('blockdev-add', {
    driver: 'qcow2',
    'node-name': 'more',
    file: { driver: 'file', filename: handed.name },
  });
  await plug(qmp, { driver: 'virtio-blk-pci', id: 'more', drive: 'more' });
  expect(await setsOf(qmp, disk)).toEqual([handed.set]);
  await machines.restartEngine();
  qmp.close();
  await machines.driver.adopt(guest);
  const shell = await machines.open(guest);
  shell.write(
    'until [ -b /dev/vdb ]; do sleep 1; done; echo size=$(cat /sys/block/vdb/size); echo "" | tee /dev/vdb; sync\n',
  );
  await shell.until(/size=32768/);
  await machines.driver.close();
  const again = await openQmp(await connectUnix(machinePaths(machines.paths, guest.id).qmp), {
    onEvent() {},
    onClose() {},
  });
  await unplug(again, 'more');
  await again.execute('blockdev-del', { 'node-name': 'more' });
  await takeBack(again, handed.set);
  expect(await setsOf(again, disk)).toEqual([]);
  again.close();
});

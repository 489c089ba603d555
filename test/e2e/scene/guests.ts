/** A believable house: five containers that work, fail and wait, two machines and a medium that boots. */
import { existsSync } from 'node:fs';
import type { House } from '../house.ts';
import { MAIL_ARCHIVE, ORDERS_API, QUEUE, STOREFRONT } from './programs.ts';

/** Packages are fetched and unpacked, also on a busy machine. */
const BUILD_MS = 600_000;
export const ISO = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';

export async function furnish(house: House): Promise<void> {
  const { home } = house;
  await home.ok(['image', 'build', 'busybox']);
  await home.ok(['image', 'build', 'debian:12'], { deadlineMs: BUILD_MS });
  const container = (name: string, image: string, options: string[], command: string[]) =>
    home.ok(['create', name, '--isolation', 'container', '--image', image, ...options, '--', ...command]);
  const vm = (name: string, options: string[]) => home.ok(['create', name, '--isolation', 'vm', ...options]);

  await container('orders-api', 'debian:12', ['--memory', '192', '-p', '0:3000'], ['perl', '-e', ORDERS_API]);
  await container('storefront', 'busybox', ['--memory', '64', '-p', '0:8080'], ['sh', '-c', STOREFRONT]);
  await container('queue', 'busybox', ['--memory', '64', '-p', '0:4222'], ['sh', '-c', QUEUE]);
  await container('mail-archive', 'busybox', ['--memory', '64'], ['sh', '-c', MAIL_ARCHIVE]);
  await container('nightly-report', 'busybox', ['--memory', '64'], ['sleep', '86400']);
  await vm('build-agent', ['--image', 'debian:12', '--memory', '512', '-p', '0:2222']);
  await vm('debian-lab', ['--image', 'debian:12', '--memory', '512']);
  await home.ok(['start', 'orders-api', 'build-agent']);
  await home.ok(['start', 'storefront', 'queue', 'mail-archive', 'nightly-report']);
  await home.ok(['pause', 'nightly-report']);
  if (existsSync(ISO)) await vm('rescue', ['--iso', ISO, '--memory', '128']);
}

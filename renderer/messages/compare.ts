/** Text of the page Compare: one image, isolated in several ways. */
import type { Isolation } from '../../engine/contract/index.ts';
import type { Asked } from '../compare/side-by-side.ts';
import { plural } from './format.ts';
import { words } from './words.ts';

const ASKED: Record<Asked, string> = {
  cpus: 'Processors',
  memory: 'Memory limit',
  ports: 'Ports in the guest',
  folders: 'Folders',
  network: 'Network',
  command: 'Command',
};
const starts = (n: number): string => plural(n, { one: '1 start', other: '# starts' });

export const compare = {
  title: 'Compare',
  text: 'One image as container, microVM and full VM: what each costs on this host',
  image: 'Image',
  guest: (isolation: Isolation): string => `The ${words.aGuest(isolation)} shown`,
  table: (image: string): string => `${image} side by side`,
  what: 'What',
  cost: 'Cost',
  costHint: 'less is better; seen with these very guests, their last ten starts',
  asked: 'What was asked for',
  askedHint: 'figures compare like with like only where this is the same',
  isolated: 'Isolation',
  none: (isolation: Isolation): string => `No ${words.aGuest(isolation)} of this image`,
  make: 'Make one like it',
  makeHint: (name: string, isolation: Isolation): string =>
    `New guest with everything of ${name}, as ${words.aGuest(isolation)}`,
  notPossible: 'Not possible here',
  open: (name: string): string => `Open ${name}`,
  start: 'Start',
  startHint: 'until its own program begins',
  memory: 'Memory on the host',
  memoryHint: 'at rest, 10 s after a start',
  disk: 'Disk',
  diskHint: 'its own data, the image is shared',
  range: (least: string, most: string): string => `${least} to ${most}`,
  times: (factor: string): string => `${factor}×`,
  measured: (n: number): string => `measured here, median of ${starts(n)}`,
  measuredOnce: 'measured here, 1 start',
  notMeasured: 'Not measured',
  why: {
    start: 'it was not started yet, or not since its settings last changed',
    answering: 'its own program did not tell that it began; or its settings changed since its last start',
    settling: 'it did not run for 10 s yet',
  },
  single: 'Nothing to compare it with yet.',
  same: 'same',
  differs: 'differs',
  differ: (what: readonly string[]): string =>
    `These guests are not set up alike (${what.join(', ').toLowerCase()}), so their figures do not compare like with like.`,
  askedOf: (key: Asked): string => ASKED[key],
  nothing: 'none',
  imagesOwn: "the image's own",
  kernel: 'Kernel',
  hostKernel: (release: string): string => `${release}, shared with the host`,
  ownKernel: 'its own',
  ownKernelBy: (accelerator: string): string => `its own, run by ${accelerator}`,
  unmeasured:
    'Throughput of CPU, disk and network is not measured here: it depends on the work. Run your own in each guest and look at Resources.',
  empty: {
    title: 'Nothing to compare yet',
    text: 'Make a guest from an image as a container, then one like it as a virtual machine. What each costs here is then shown side by side.',
  },
};

/** Every command: what it is for, how it is written, and the file that does it (loaded only when asked for). */
import { GUEST_OPTIONS_HELP } from './options/guest-options.ts';

export interface CommandModule {
  /** Answers the exit code; nothing means 0. Throws GuesthouseError. */
  run(args: readonly string[]): Promise<number | undefined>;
}

/** In the order `help` shows them. */
export const GROUPS = ['Guests', 'Look into', 'Reach in', 'Change', 'Images', 'Around', 'Many at once'] as const;

export interface Command {
  readonly group: (typeof GROUPS)[number];
  readonly usage: string;
  readonly about: string;
  load(): Promise<CommandModule>;
}

const command = (group: Command['group'], usage: string, about: string, load: Command['load']): Command => ({
  group,
  usage,
  about,
  load,
});
const verb = (name: string, about: string, options = ''): Command =>
  command('Guests', `${name} ${options}NAME...`, about, async () => (await import('./commands/verbs.ts')).verb(name));

export const commands: Readonly<Record<string, Command>> = {
  run: command(
    'Guests',
    `run [-i] [-t] [-d] [--rm] [--name N] [--isolation container|vm] [--pull missing|always|never] [--insecure]\n    [options] IMAGE [CMD...]\n\n${GUEST_OPTIONS_HELP}\n\nExits as the program does; 125 when we failed, 126 and 127 when it cannot be executed or is not there.\nCtrl-] leaves a terminal (or --detach-keys ctrl-p,ctrl-q), Ctrl-C goes to the program (not with --sig-proxy false).`,
    'Make a guest and show it until it ends.',
    () => import('./commands/run.ts'),
  ),
  create: command(
    'Guests',
    `create NAME --image I --isolation container|vm [options] [--start] [--json] [-- CMD...]\n           | create NAME --template T [options] ...\n\n${GUEST_OPTIONS_HELP}`,
    'Make a guest from an image or an ISO.',
    () => import('./commands/create.ts'),
  ),
  start: verb('start', 'Start guests.'),
  stop: verb('stop', 'Ask guests to shut down; after --time seconds (or as they say), kill them.', '[--time S] '),
  kill: verb('kill', 'End guests at once, or send them another signal.', '[-s SIGNAL] '),
  restart: verb('restart', 'Stop and start guests.', '[--time S] '),
  pause: verb('pause', 'Freeze guests where they are.'),
  resume: verb('resume', 'Let paused guests go on.'),
  suspend: verb('suspend', "Keep machines' memory on the disk and end them; `start` goes on there."),
  signal: command(
    'Guests',
    'signal SIGNAL NAME...',
    'Send a signal to the main program.',
    () => import('./commands/verbs.ts'),
  ),
  wait: command(
    'Guests',
    'wait [--for stopped|running|paused|healthy] [--timeout D] NAME...',
    'Wait for guests; of those that end, say the exit code.',
    async () => (await import('./commands/look.ts')).wait,
  ),
  rm: verb('rm', 'Put guests into the trash, --now remove them at once; -f also running ones.', '[-f] [--now] '),
  trash: command(
    'Guests',
    'trash ls [-q] [--json] | trash restore [--name NEW] NAME | trash empty [-f] [NAME...] | trash keep DAYS\n\nA removed guest stays here for a day, or as long as `keep` says (0: not at all), and goes earlier when the disk runs\nshort. Its name, its ports and its addresses are free; images, volumes and networks it needs stay in use.',
    'Have removed guests back, or let them go for good.',
    () => import('./commands/trash.ts'),
  ),

  ls: command(
    'Look into',
    'ls [-q] [--json] [--filter FIELD=VALUE]...\n\nFields: label, name, state, health, isolation, image, network.',
    'List guests.',
    () => import('./commands/ls.ts'),
  ),
  inspect: command(
    'Look into',
    'inspect NAME',
    'Everything about a guest, as JSON.',
    () => import('./commands/inspect.ts'),
  ),
  logs: command(
    'Look into',
    'logs [-f] [-n N] [-t] [--since M] [--until M] NAME\n\nM: 10m (so long ago), 2026-01-31T12:00:00Z, or seconds since 1970.',
    'What the main program wrote.',
    () => import('./commands/logs.ts'),
  ),
  top: command(
    'Look into',
    'top [--json] NAME',
    'The processes in a guest.',
    async () => (await import('./commands/look.ts')).top,
  ),
  introspect: command(
    'Look into',
    'introspect [--json] [--registers] [--memory] NAME',
    'A running machine seen from outside: processors, memory map, devices, its agent.',
    () => import('./commands/introspect.ts'),
  ),
  port: command(
    'Look into',
    'port [--json] NAME',
    'Where the ports of a guest are on this host.',
    async () => (await import('./commands/look.ts')).port,
  ),
  diff: command(
    'Look into',
    'diff [--json] NAME',
    'What differs from the image: added, changed, deleted.',
    async () => (await import('./commands/look.ts')).diff,
  ),
  stats: command(
    'Look into',
    'stats [--json] [--follow] [NAME...]',
    'CPU, memory, disk and network now.',
    () => import('./commands/stats.ts'),
  ),
  events: command(
    'Look into',
    'events [--since M] [--until M] [-n N] [-f] [--json] [NAME]',
    'What happened, and with -f what happens.',
    () => import('./commands/events.ts'),
  ),
  activity: command(
    'Look into',
    'activity [-n N] [--json] [NAME] | activity log ID | activity retry ID',
    'What was asked of the engine, by whom, and how it ended; the output of one; one that failed once more.',
    () => import('./commands/activity.ts'),
  ),

  exec: command(
    'Reach in',
    'exec [-t] [-i] [-d] [-u USER] [-w DIR] [-e K=V]... [--env-file F] NAME [--] CMD...',
    "Run a program in a container; exits with the program's code.",
    () => import('./commands/exec.ts'),
  ),
  shell: command(
    'Reach in',
    'shell [--borrowed] [-u USER] [-w DIR] NAME [CMD...]\n\n--borrowed brings its own tools along, for images that have none.',
    'A shell in a container.',
    async () => ({ run: (await import('./commands/exec.ts')).shell }),
  ),
  attach: command(
    'Reach in',
    'attach [--no-stdin] [--sig-proxy true|false] [--detach-keys KEYS] NAME\n\nCtrl-] leaves a terminal and the guest goes on; KEYS are others, e.g. ctrl-p,ctrl-q.',
    "Join the main program's input and output.",
    () => import('./commands/attach.ts'),
  ),
  console: command(
    'Reach in',
    'console [--monitor] NAME\n\n--monitor: of QEMU, for experts, line by line; the end of input leaves it.',
    "A guest's own console; Ctrl-] leaves it.",
    () => import('./commands/console.ts'),
  ),
  screenshot: command(
    'Reach in',
    'screenshot [-o FILE] [--width PIXELS] NAME\n\nWrites NAME.png; `-o -` is standard output. --width makes it smaller.',
    "A picture of a machine's screen.",
    async () => (await import('./commands/screen.ts')).screenshot,
  ),
  sendkey: command(
    'Reach in',
    'sendkey [--text TEXT] NAME [KEY...]\n\nKEY: ctrl-alt-delete, alt-f4, ret, esc, f2, a; pressed one after the other, then the text is typed\nas on the keyboard the guest has (`create` and `update` --keyboard; us when nothing was said).',
    "Press keys on a machine's keyboard.",
    async () => (await import('./commands/screen.ts')).sendkey,
  ),
  cp: command(
    'Reach in',
    'cp [--keep-links] NAME:PATH DST | cp SRC NAME:PATH\n\n`-` is a tar archive on standard input or output; PATH/. is what is in a folder. Links that lead out of\nwhat is copied are left out, or kept as they are with --keep-links.',
    'Copy files out of a guest and into it.',
    () => import('./commands/cp.ts'),
  ),

  update: command(
    'Change',
    `update NAME [options] [--env-rm K] [--label-rm K] [--publish-rm PORT] [--volume-rm PATH] [--recreate]\n    [--dry-run] [-- CMD...]\n\n${GUEST_OPTIONS_HELP}\n\n-e, -l, -p and -v add to what is there, but -p of a published port of the guest moves it; the other lists are\nreplaced. --recreate makes the guest anew with the same data where a change cannot be made as it runs; --dry-run says\nwhich.`,
    'Change a guest.',
    async () => (await import('./commands/change.ts')).update,
  ),
  disk: command(
    'Change',
    `disk ls [--json] NAME | disk add [-f] (--size 10g | --image I | --host /dev/X) [--raw] [--read-only] [HOW] NAME DISK
           | disk rm [-f] NAME DISK | disk attach NAME DISK | disk detach NAME DISK | disk resize NAME DISK SIZE
           | disk set [HOW] [--recreate] NAME DISK | disk insert NAME ISO | disk eject NAME
           | disk compact NAME [DISK] | disk check [--repair] NAME [DISK]\n\nDISK: a name of yours; the first disk is \`root\`. HOW: --cache writeback|none|writethrough|unsafe  --no-discard
--device-read-bps RATE  --device-write-bps RATE  --device-read-iops N  --device-write-iops N\nDisks come, go, grow and are limited while a machine runs. --host gives a disk or partition of the host itself.`,
    "A machine's disks and its CD drive.",
    () => import('./commands/disk.ts'),
  ),
  rescue: command(
    'Reach in',
    `rescue [--write] [--root DEVICE] NAME
           | rescue ls [--json] NAME [PATH] | rescue cat NAME PATH | rescue cp SRC DST | rescue logs [-n N] NAME [LOG]
           | rescue users NAME | rescue passwd [--password-file F] NAME USER | rescue add-key NAME USER FILE
           | rescue open [--write] [--root DEVICE] NAME | rescue unlock [--passphrase-file F] NAME DEVICE
           | rescue close NAME\n\nReaches the disks of a machine that does not run, through a small machine of ours. They stay as they are
unless --write is given; cp into it, passwd and add-key write. \`ls NAME\` shows its file systems, \`logs NAME\` its logs.
The first form is a shell in there. \`open\` keeps them open while a window or another command of ours goes on; \`unlock\` then asks
for the passphrase of an encrypted device (LUKS) and opens what is in it.`,
    'Reach the disks of a machine that does not start.',
    () => import('./commands/rescue.ts'),
  ),
  snapshot: command(
    'Change',
    `snapshot ls [--json] NAME | snapshot take [--memory] [-m TEXT] NAME [SNAPSHOT]
           | snapshot restore [-f] [--no-memory] [--start] NAME SNAPSHOT | snapshot rm [-f] NAME SNAPSHOT...
           | snapshot branch NAME SNAPSHOT NEW | snapshot rename NAME SNAPSHOT NEW
           | snapshot schedule [--every 1d [--keep 7] [--memory] | --off] NAME\n\nSNAPSHOT: its name or id. With --memory a machine that runs goes on where it was when it is restored. What is removed\nbecomes part of what stands on it. Volumes, shared folders and raw disks are no part of a snapshot.`,
    'What a guest was, to go back to.',
    () => import('./commands/snapshot.ts'),
  ),
  rename: command(
    'Change',
    'rename NAME NEW',
    'Give a guest another name.',
    async () => (await import('./commands/change.ts')).rename,
  ),
  clone: command(
    'Change',
    'clone [--full|--linked] [--dry-run] NAME NEW\n\n--full (when neither is said): files of its own. --linked: of machines; what the disks hold now is there once, for both,\nand either goes on in a file of its own. Neither needs the other to stay. --dry-run says what either would take.',
    'A new guest with the data of another.',
    async () => (await import('./commands/change.ts')).clone,
  ),
  export: command(
    'Change',
    'export [-o FILE] [--format guesthouse|ova|qcow2] NAME\n\nguesthouse: with its image and its data, for `import`. Of machines also ova, for VirtualBox, VMware and others, and qcow2:\nits disk alone.',
    'Write a guest as one file.',
    async () => (await import('./commands/change.ts')).exportGuest,
  ),
  import: command(
    'Change',
    'import [--name N] [--dry-run] [--json] FILE | import [--name N] libvirt:NAME|libvirt-session:NAME|virtualbox:NAME\n\nFILE: written by `export`, an OVA, OVF or VMX, the XML of a libvirt domain, a Vagrant box, or a disk (qcow2, raw, VMDK,\nVDI, VHD, VHDX). What cannot be taken over is told as notes;\n--dry-run tells them, and what is in the file, before anything is made.',
    'Make a guest from a file, ours or of another program.',
    async () => (await import('./commands/change.ts')).importGuest,
  ),
  template: command(
    'Change',
    'template ls [-q] [--json] | template save [--replace] GUEST NAME | template inspect NAME | template rm NAME...\n\nA template is how a guest is, without its data, its name and its first login; `create NAME --template T` makes another.',
    'What guests are made from again and again.',
    () => import('./commands/template.ts'),
  ),
  find: command(
    'Change',
    'find [--json]',
    'Machines of libvirt and VirtualBox here, to import.',
    () => import('./commands/find.ts'),
  ),

  pull: command(
    'Images',
    'pull [--insecure] [--json] [HOST[:PORT]/]NAME[:TAG][@DIGEST]',
    'Fetch an image from a registry.',
    () => import('./commands/pull.ts'),
  ),
  build: command(
    'Images',
    'build -t NAME [-f FILE] [--build-arg K=V]... [--target STAGE] [--no-cache] [-q] FOLDER',
    'Make an image from a Containerfile.',
    () => import('./commands/build.ts'),
  ),
  commit: command(
    'Images',
    'commit [-m COMMENT] [--no-pause] NAME IMAGE [-- CMD...]',
    'Make an image of what a container has become.',
    async () => (await import('./commands/image-out.ts')).commit,
  ),
  tag: command(
    'Images',
    'tag IMAGE NAME',
    'Give an image a further name.',
    async () => (await import('./commands/image-out.ts')).tag,
  ),
  save: command(
    'Images',
    'save -o FILE [--format docker|oci] IMAGE...',
    'Write images as one archive.',
    async () => (await import('./commands/image-out.ts')).save,
  ),
  image: command(
    'Images',
    'image build busybox|debian:12 | image build -t NAME FOLDER | image import FILE [--name N]\n           | image catalogue [--json] [WORD...] | image fetch [--json] NAME | image mirror [--forget] [VENDOR [ADDRESS]]\n           | image ls [-q] [--json]\n           | image inspect NAME | image rm [-f] NAME... | image tag IMAGE NAME | image save -o FILE IMAGE...\n           | image prune [-a | --left] [-f] [--dry-run]\n\n`image prune --left` removes no image: cut pulls, what builds left, and packages fetched for images built here.',
    'What guests are made from.',
    () => import('./commands/image.ts'),
  ),

  network: command(
    'Around',
    'network ls [-q] [--json] | network create [--isolated] [--subnet CIDR] [-l K=V] NAME | network rm [-f] NAME...\n           | network create --bridge BRIDGE --ip-range FIRST-LAST [--subnet CIDR] [--gateway ADDRESS] NAME\n           | network inspect NAME | network prune [-f] [--dry-run]',
    'Networks guests are on.',
    () => import('./commands/network.ts'),
  ),
  volume: command(
    'Around',
    'volume ls [-q] [--json] | volume create [-l K=V] NAME | volume rm [-f] NAME... | volume inspect NAME\n           | volume prune [-a] [-f] [--dry-run]',
    'Folders that outlive guests.',
    () => import('./commands/volume.ts'),
  ),
  prune: command(
    'Around',
    'prune [-a] [--volumes] [-f] [--dry-run] [--json]\n\nTakes away images and networks no guest uses, with --volumes also volumes. Images and volumes with a name stay without\n-a. Guests stay.',
    'Take away what no guest uses.',
    async () => (await import('./commands/prune.ts')).everything,
  ),
  df: command(
    'Around',
    'df [-v] [--json]',
    "What images, guests and volumes take of the host's disk; -v: each.",
    () => import('./commands/df.ts'),
  ),
  devices: command(
    'Around',
    'devices [--json]',
    'USB and PCI devices of this host, and what is in the way of giving each to a machine.',
    () => import('./commands/devices.ts'),
  ),
  doctor: command(
    'Around',
    'doctor [--json]',
    'What this host has, lacks, and what to do about it.',
    () => import('./commands/doctor.ts'),
  ),
  serve: command(
    'Around',
    'serve [--port N] [--json]',
    'The window in a browser, on loopback, behind a token.',
    () => import('./commands/serve.ts'),
  ),

  compose: command(
    'Many at once',
    'compose [-f FILE]... [-p NAME] [--profile P]... up [-d] [--build] [--wait] [--wait-timeout D] [SERVICE...]\n           | down [-v] [--time S] | ps [-q] [--json] | logs [-f] [-n N] [-t] [SERVICE...] | config [--json]\n           | pull [SERVICE...] | build [SERVICE...] | exec [-T] [-d] [-u USER] [-w FOLDER] [-e NAME=VALUE]... SERVICE CMD...\n           | start|stop|restart|kill|pause|unpause [SERVICE...] | port SERVICE [PORT]',
    'Guests, networks and volumes of a compose.yaml.',
    () => import('./commands/compose.ts'),
  ),
};

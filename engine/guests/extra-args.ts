/**
 * A person's own words for QEMU's command line. QEMU has no way of running confined by what it is told not to do, so
 * this is a list of what may be said: options that describe the machine, none that open files, sockets or programs of
 * the host, or speak to whoever keeps the machine. Pure.
 */

export interface Refused {
  readonly code: 'invalid' | 'unsupported';
  readonly message: string;
  readonly hint: string;
}

/** Options that only describe the machine; whether a value follows. */
const ALLOWED: Readonly<Record<string, boolean>> = {
  '-device': true,
  '-global': true,
  '-machine': true,
  '-M': true,
  '-cpu': true,
  '-smp': true,
  '-numa': true,
  '-object': true,
  '-rtc': true,
  '-boot': true,
  '-smbios': true,
  '-icount': true,
  '-overcommit': true,
  '-usb': false,
  '-no-hpet': false,
  '-no-acpi': false,
  '-no-reboot': false,
  '-no-shutdown': false,
  '-S': false,
};

/** Why others are refused, for those a person may well want. */
const WHY: Readonly<Record<string, string>> = {
  '-sandbox': 'it would take away QEMU’s own confinement',
  '-runas': 'the engine decides as whom QEMU runs',
  '-chroot': 'the engine decides what QEMU reaches',
  '-daemonize': 'the engine keeps QEMU itself',
  '-pidfile': 'the engine keeps QEMU itself',
  '-qmp': 'the monitor is the engine’s alone',
  '-qmp-pretty': 'the monitor is the engine’s alone',
  '-mon': 'the monitor is the engine’s alone',
  '-monitor': 'the monitor is the engine’s alone',
  '-gdb': 'it would open a door of the machine to the host',
  '-s': 'it would open a door of the machine to the host',
  '-chardev': 'it reaches files and sockets of the host',
  '-serial': 'it reaches files and sockets of the host',
  '-parallel': 'it reaches files and sockets of the host',
  '-drive': 'it opens files of the host',
  '-blockdev': 'it opens files of the host',
  '-hda': 'it opens files of the host',
  '-hdb': 'it opens files of the host',
  '-cdrom': 'it opens files of the host',
  '-fda': 'it opens files of the host',
  '-pflash': 'it opens files of the host',
  '-bios': 'it opens files of the host',
  '-kernel': 'it opens files of the host',
  '-initrd': 'it opens files of the host',
  '-dtb': 'it opens files of the host',
  '-L': 'it opens files of the host',
  '-D': 'it writes files of the host',
  '-trace': 'it writes files of the host',
  '-readconfig': 'it brings in options nobody looked at',
  '-writeconfig': 'it writes files of the host',
  '-fsdev': 'it shares folders of the host',
  '-virtfs': 'it shares folders of the host',
  '-fw_cfg': 'it opens files of the host',
  '-acpitable': 'it opens files of the host',
  '-incoming': 'it takes a machine’s state from outside',
  '-loadvm': 'snapshots are the engine’s',
  '-netdev': 'networks are the engine’s: QEMU’s own reaches the host',
  '-nic': 'networks are the engine’s: QEMU’s own reaches the host',
  '-net': 'networks are the engine’s: QEMU’s own reaches the host',
  '-vnc': 'the screen is the engine’s',
  '-spice': 'the screen is the engine’s',
  '-display': 'the screen is the engine’s',
  '-add-fd': 'descriptors are the engine’s',
  '-set': 'it would change what the engine made',
  '-plugin': 'it runs a program of the host',
  '-tpmdev': 'the TPM is the engine’s',
  '-accel': 'the engine tries what works here',
  '-m': 'the memory has a field of its own',
  '-name': 'the name has a field of its own',
  '-uuid': 'it is made from the guest’s id',
};

/** Properties by which a device or object reaches the host. `file`: of no device that is ours. */
const HOST_PROPERTIES = new Set(
  'chardev drive netdev tpmdev blockdev mem-path filename file path host hostaddr hostbus hostdevice sysfsdev romfile fd vhostfd vhostfds wwpn-file dir config firmware kernel initrd dtb dumpdtb pflash0 pflash1 memory-backend audiodev evdev hidraw sdrfile frudatafile splash rrfile rrsnapshot'.split(
    ' ',
  ),
);
/** Kinds of object that are only a thread, a throttle or random numbers. */
const OBJECTS = /^(?:iothread|throttle-group|rng-builtin|memory-backend-ram)$/;
/** Devices that are a piece of the host, or of what the engine keeps. */
const HOST_DEVICES =
  /^(?:vfio|vhost|usb-host|usb-mtp|usb-redir|usb-ccid|ccid|ivshmem|loader|guest-loader|x-|tpm-|virtio-9p|virtio-input-host|u2f|isa-debugcon|pci-testdev|scsi-block|scsi-generic|xen)/;
const MAX_ARGUMENTS = 64;
const MAX_LENGTH = 1024;
/** Ids the engine itself gives, or goes by when it looks for its own. */
const OUR_IDS =
  /^(?:(?:disk|cd|net|folder|tpm|port|cpu)\d*|root|ports|seed|balloon|clipboard|generation|more-memory|guest-agent|screen|usb|ram|sound|hda|ide|scsi|serial|agent|qmp|(?:disk|folder|host|efi|cpu|memory)-.*)$/;

/** The first word that may not be said; null: all may. */
export function refusedArgument(args: readonly string[]): Refused | null {
  if (args.length > MAX_ARGUMENTS)
    return refuse('invalid', 'There are too many extra arguments.', `Give at most ${MAX_ARGUMENTS}.`);
  for (let at = 0; at < args.length; at++) {
    const option = (args[at] as string).replace(/^--/, '-');
    if ([...option].some((letter) => letter < ' ') || option.length > MAX_LENGTH)
      return refuse('invalid', 'An extra argument has a control character or is too long.', 'Write it on one line.');
    if (!option.startsWith('-'))
      return refuse(
        'invalid',
        `${quoted(option)} is no option of QEMU.`,
        'Write options and their values as two words: `-device` `edu`.',
      );
    if (!Object.hasOwn(ALLOWED, option)) return unknownOption(option);
    if (ALLOWED[option] === false) continue;
    const value = args[++at];
    if (value === undefined || value === '')
      return refuse(
        'invalid',
        `The extra argument ${option} needs a value.`,
        `Write it as a word of its own after ${option}.`,
      );
    const found = refusedValue(option, value);
    if (found) return found;
  }
  return null;
}

function unknownOption(option: string): Refused {
  const name = option.split('=')[0] as string;
  const why = Object.hasOwn(WHY, name) ? WHY[name] : 'it is not among those that only describe the machine';
  return refuse(
    'unsupported',
    `The extra argument ${quoted(name)} is not allowed: ${why}.`,
    `Allowed are ${Object.keys(ALLOWED).join(', ')}.`,
  );
}

function refusedValue(option: string, value: string): Refused | null {
  const no = (why: string) =>
    refuse('unsupported', `The extra argument ${option} ${quoted(value)} is not allowed: ${why}.`, 'Leave it out.');
  if (value.length > MAX_LENGTH || [...value].some((letter) => letter < ' '))
    return no('it is too long or has a control character');
  // As JSON its properties would be named in a way of their own.
  if (value.trimStart().startsWith('{')) return no('write it as `name,property=value`');
  if (/\/dev\/fdset|\/proc\//.test(value)) return no('it names a descriptor of the engine');
  const properties = value.replaceAll(',,', ' ').split(',').map(propertyOf);
  const why = refusedKind(option, properties, value);
  if (why !== null) return no(why);
  for (const { name, text } of properties) {
    const plain = (option === '-global' ? (name.split('.').at(-1) ?? '') : name).toLowerCase();
    if (text === null) continue;
    if (plain === 'id') {
      if (OUR_IDS.test(text)) return no(`the name ${quoted(text)} is the engine’s`);
    } else if (
      HOST_PROPERTIES.has(plain) ||
      (option === '-global' && plain === 'property' && HOST_PROPERTIES.has(text))
    ) {
      return no(`its property ${plain} reaches the host or the engine’s own parts`);
    }
  }
  return null;
}

interface Property {
  readonly name: string;
  /** null: a word alone. */
  readonly text: string | null;
}

function propertyOf(word: string): Property {
  const at = word.indexOf('=');
  return at < 0 ? { name: word, text: null } : { name: word.slice(0, at), text: word.slice(at + 1) };
}

/** What is wrong with the kind of thing that is asked for. */
function refusedKind(option: string, properties: readonly Property[], value: string): string | null {
  const named = (key: string) => properties.find(({ name, text }) => name === key && text !== null)?.text;
  const first = properties[0]?.text === null ? properties[0].name : '';
  if (option === '-object' && !OBJECTS.test(named('qom-type') ?? first)) return 'such an object reaches the host';
  if (option === '-device' && HOST_DEVICES.test(named('driver') ?? first)) return 'such a device reaches the host';
  if (option === '-machine' || option === '-M') {
    if (first !== '' || named('type') !== undefined) return 'the board follows from the architecture';
    if (named('accel') !== undefined) return 'the engine tries what works here';
  }
  if (option === '-global' && /cfi\.pflash01/.test(value)) return 'the firmware’s flash is the engine’s';
  return null;
}

function refuse(code: Refused['code'], message: string, hint: string): Refused {
  return { code, message, hint };
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

/** The command line that does the same as the form. Pure. */
import {
  AUTO_MACHINE,
  type FirstLoginWish,
  type GuestDraft,
  type GuestSpec,
  type HealthCheck,
  type MachineSpec,
  type PortRule,
} from '../../engine/contract/index.ts';
import { diskWords, rates } from './disk-lines.ts';
import { deviceLine, tmpfsLine, ulimitLine } from './spec-lines.ts';
import { quoteWord } from './words-of-line.ts';

type Wishes = Omit<Partial<GuestSpec>, 'firstLogin'>;

/** Lines to be joined with ` \` and a line break; the first is the command with the name. */
export function cliLines(draft: GuestDraft, start = false): string[] {
  const lines = [`guesthouse create ${draft.name ? quoteWord(draft.name) : 'NAME'}`];
  if (draft.image) lines.push(`--image ${quoteWord(draft.image)}`);
  lines.push(`--isolation ${draft.isolation}`);
  if (draft.iso) lines.push(`--iso ${quoteWord(draft.iso)}`);
  const amounts = [];
  if (draft.cpus !== undefined) amounts.push(`--cpus ${draft.cpus}`);
  if (draft.memoryMib !== undefined) amounts.push(`--memory ${draft.memoryMib}`);
  const [disk, ...disks] = diskWords(draft);
  // The size of its own disk is one of the amounts.
  if (disk && draft.diskGib) amounts.push(disk);
  if (amounts.length > 0) lines.push(amounts.join(' '));
  if (disk && !draft.diskGib) lines.push(disk);
  lines.push(...disks);
  if (draft.network !== undefined && draft.network !== 'nat') lines.push(`--network ${quoteWord(draft.network)}`);
  for (const network of draft.moreNetworks ?? []) lines.push(`--network ${quoteWord(network)}`);
  for (const alias of draft.aliases ?? []) lines.push(`--network-alias ${quoteWord(alias)}`);
  if (draft.macAddress) lines.push(`--mac-address ${quoteWord(draft.macAddress)}`);
  for (const port of draft.ports ?? []) lines.push(`-p ${portWord(port)}`);
  for (const mount of draft.mounts ?? []) {
    const flags = [...(mount.readOnly ? ['ro'] : []), ...(mount.owned ? ['U'] : [])].join(',');
    lines.push(`-v ${quoteWord(`${mount.source}:${mount.target}${flags ? `:${flags}` : ''}`)}`);
  }
  for (const [key, value] of Object.entries(draft.env ?? {})) lines.push(`-e ${quoteWord(`${key}=${value}`)}`);
  for (const [key, value] of Object.entries(draft.labels ?? {})) lines.push(`-l ${quoteWord(`${key}=${value}`)}`);
  lines.push(
    ...programLines(draft),
    ...rightsLines(draft),
    ...hardwareLines(draft.machine ?? AUTO_MACHINE),
    ...(draft.hostDevices ?? []).map(({ bus, device }) => `--${bus} ${quoteWord(device)}`),
    ...lifeLines(draft),
    ...loginLines(draft.firstLogin ?? null),
  );
  if (start) lines.push('--start');
  if (draft.command && draft.command.length > 0) lines.push(`-- ${draft.command.map(quoteWord).join(' ')}`);
  return lines;
}

/** `pull`: an image that has to be fetched before. */
export const cliText = (draft: GuestDraft, start = false, pull: string | null = null): string =>
  (pull === null ? '' : `guesthouse pull ${quoteWord(pull)} &&\n`) + cliLines(draft, start).join(' \\\n  ');

/** For a machine's file; without a name it keeps its own. */
export const importText = (path: string, name: string): string =>
  ['guesthouse import', ...(name ? ['--name', quoteWord(name)] : []), path ? quoteWord(path) : 'FILE'].join(' ');

function portWord(port: PortRule): string {
  const ip = port.hostIp === '127.0.0.1' ? '' : `${port.hostIp.includes(':') ? `[${port.hostIp}]` : port.hostIp}:`;
  return quoteWord(`${ip}${port.hostPort}:${port.guestPort}${port.protocol === 'udp' ? '/udp' : ''}`);
}

function programLines(draft: Wishes): string[] {
  const { entrypoint, capabilities } = draft;
  const word = entrypoint?.length === 1 ? (entrypoint[0] as string) : JSON.stringify(entrypoint);
  return [
    ...(entrypoint ? [`--entrypoint ${entrypoint.length === 0 ? "''" : quoteWord(word)}`] : []),
    ...(draft.user ? [`--user ${quoteWord(draft.user)}`] : []),
    ...(draft.workingDir ? [`--workdir ${quoteWord(draft.workingDir)}`] : []),
    ...(draft.hostname ? [`--hostname ${quoteWord(draft.hostname)}`] : []),
    ...(draft.readOnlyRoot ? ['--read-only'] : []),
    ...(draft.init ? ['--init'] : []),
    ...(draft.tmpfs ?? []).map((each) => `--tmpfs ${quoteWord(tmpfsLine(each))}`),
    ...(capabilities?.add ?? []).map((name) => `--cap-add ${quoteWord(name)}`),
    ...(capabilities?.drop ?? []).map((name) => `--cap-drop ${quoteWord(name)}`),
  ];
}

function rightsLines({ io, ...draft }: Wishes): string[] {
  return [
    ...(draft.tty === false ? ['--no-tty'] : []),
    ...(draft.devices ?? []).map((each) => `--device ${quoteWord(deviceLine(each))}`),
    ...(draft.ulimits ?? []).map((each) => `--ulimit ${quoteWord(ulimitLine(each))}`),
    ...(draft.pidsLimit === undefined || draft.pidsLimit === PIDS_LIMIT ? [] : [`--pids-limit ${draft.pidsLimit}`]),
    ...(draft.noNewPrivileges ? ['--security-opt no-new-privileges'] : []),
    ...(draft.seccomp === undefined || draft.seccomp === 'default'
      ? []
      : [`--security-opt ${quoteWord(`seccomp=${draft.seccomp}`)}`]),
    ...rates(io).map(([option, value]) => `--device-${option} ${value}`),
    ...(draft.stopSignal ? [`--stop-signal ${quoteWord(draft.stopSignal)}`] : []),
  ];
}

function hardwareLines(machine: MachineSpec): string[] {
  const choices = [
    ['firmware', machine.firmware],
    ['arch', machine.architecture],
    ['system', machine.system],
    ['disk-bus', machine.diskBus],
    ['nic', machine.nic],
    ['video', machine.video],
    ['sound', machine.sound],
  ] as const;
  return [
    ...choices.filter(([, value]) => value !== 'auto').map(([option, value]) => `--${option} ${value}`),
    ...(machine.tpm ? ['--tpm'] : []),
    ...(machine.clipboard ? ['--clipboard'] : []),
    ...(machine.keyboard ? [`--keyboard ${machine.keyboard}`] : []),
    ...(machine.cdFirst ? ['--cd-first'] : []),
    ...(machine.sharedMemory ? ['--shared-memory'] : []),
    ...(machine.cpuModel === null ? [] : [`--cpu-model ${quoteWord(machine.cpuModel)}`]),
    // With `=`, as the words themselves begin with a dash.
    ...machine.extraArgs.map((word) => `--qemu-arg=${quoteWord(word)}`),
  ];
}

function lifeLines({ restart, health, stopGraceMs, disposable }: Wishes): string[] {
  const times = restart?.maxRetries == null ? '' : `:${restart.maxRetries}`;
  return [
    ...(restart && restart.when !== 'no' ? [`--restart ${restart.when}${times}`] : []),
    ...(health ? healthLines(health) : []),
    ...(stopGraceMs !== undefined && stopGraceMs !== STOP_GRACE_MS ? [`--stop-timeout ${stopGraceMs / 1000}`] : []),
    ...(disposable ? ['--rm'] : []),
  ];
}

/** A password is typed, user data are a file: neither stands on a command line. */
function loginLines(login: FirstLoginWish | null): string[] {
  if (!login) return [];
  return [
    ...(login.user ? [`--login ${quoteWord(login.user)}`] : []),
    ...(login.password === undefined ? [] : ['--ask-password']),
    ...(login.sshKeys ?? []).map((key) => `--ssh-key ${quoteWord(key)}`),
    ...(login.growDisk === false ? ['--no-grow-disk'] : []),
    ...(login.userData ? ['--user-data FILE'] : []),
  ];
}

/** What `create` takes when nothing is said. */
const PIDS_LIMIT = 4096;
/** The same (ms). */
const STOP_GRACE_MS = 10_000;

function healthLines({ command, intervalMs, timeoutMs, startPeriodMs, retries }: HealthCheck): string[] {
  if (command.length === 0) return ['--no-healthcheck'];
  const line = command[0] === '/bin/sh' && command[1] === '-c' ? (command[2] ?? '') : command.map(quoteWord).join(' ');
  return [
    `--health-cmd ${quoteWord(line)}`,
    ...(intervalMs === 30_000 ? [] : [`--health-interval ${intervalMs}ms`]),
    ...(timeoutMs === 30_000 ? [] : [`--health-timeout ${timeoutMs}ms`]),
    ...(startPeriodMs === 0 ? [] : [`--health-start-period ${startPeriodMs}ms`]),
    ...(retries === 3 ? [] : [`--health-retries ${retries}`]),
  ];
}

/** The New guest form. It lives outside the page, so looking elsewhere loses nothing. */
import type {
  BuilderName,
  GuestDraft,
  GuestSpec,
  Image,
  Isolation,
  Medium,
  PortRule,
  Template,
} from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { diskOf, type FormDisk, formDiskOf, hostDisk } from './disk-lines.ts';
import { imageOf } from './image-of.ts';
import { LoginForm } from './login-form.svelte.ts';
import { SpecForm } from './spec-form.svelte.ts';

export type Source = 'image' | 'catalogue' | 'pull' | 'build' | 'folder' | 'file' | 'iso' | 'disk' | 'machine';

/** What is done with the guest once it is there. */
export type AfterCreate = 'start' | 'edit' | 'nothing';

/** What a machine without a system on its disk gets, unless asked otherwise (GiB). */
export const EMPTY_DISK_GIB = 20;
/** What one made from a file tree gets (GiB). */
export const ROOTFS_DISK_GIB = 8;

/** Memory of a machine unless asked otherwise (MiB). */
const USUAL_MACHINE_MIB = 512;

class Draft extends SpecForm {
  name = $state('');
  source = $state<Source>('image');
  /** Id of the chosen image. */
  imageId = $state<string | null>(null);
  /** Of an image in a registry, as far as it is typed. */
  reference = $state('');
  builder = $state<BuilderName>('busybox');
  filePath = $state('');
  folderPath = $state('');
  /** Of a machine's file (OVA and the like), which says all that is made. */
  machinePath = $state('');
  isoPath = $state('');
  /** Path of the host's disk it starts from; null: none is chosen. */
  hostDisk = $state<string | null>(null);
  /** Further disks. */
  disks = $state<FormDisk[]>([]);
  isolation = $state<Isolation>('container');
  cpus = $state(1);
  memoryMib = $state(256);
  /** null: as large as the image says. */
  diskGib = $state<number | null>(null);
  readonly login = new LoginForm();
  /** What was set for a medium and not by hand. */
  #fitted: { medium: string; memoryMib: number; diskGib: number } | null = null;
  /** Ports of the guest that are there because its image serves them. */
  #served: readonly number[] = [];

  /** Whether anything was entered that would be a pity to lose. */
  readonly begun = $derived(
    this.name !== '' ||
      this.reference !== '' ||
      this.isoPath !== '' ||
      this.filePath !== '' ||
      this.folderPath !== '' ||
      this.machinePath !== '' ||
      this.hostDisk !== null,
  );

  reset(): void {
    this.clear();
    this.login.clear();
    this.#fitted = null;
    this.disks = [];
    this.hostDisk = null;
    this.name = '';
    this.source = 'image';
    this.imageId = null;
    this.reference = '';
    this.filePath = this.folderPath = this.isoPath = this.machinePath = '';
    this.isolation = 'container';
    this.cpus = 1;
    this.memoryMib = 256;
    this.diskGib = null;
  }

  /** Everything of the template; the name stays. An image that is no longer there is asked for anew. */
  useTemplate({ spec }: Template, images: Iterable<Image>): void {
    const { name } = this;
    this.reset();
    this.name = name;
    this.fill({ ...spec, name: '', firstLogin: null } as GuestSpec);
    this.isolation = spec.isolation;
    this.cpus = spec.cpus;
    this.memoryMib = spec.memoryMib;
    this.diskGib = spec.diskGib;
    this.disks = spec.disks.map(formDiskOf);
    const found = imageOf(images, spec.image ?? spec.iso);
    if (spec.image === null && spec.iso && !found) {
      this.source = 'iso';
      this.isoPath = spec.iso;
    } else this.imageId = found?.id ?? null;
    void this.#choosePorts(spec.ports);
  }

  /** Takes the image, what it can be run as, and free host ports for the ports it says it serves. */
  chooseImage(image: Image): void {
    this.source = 'image';
    if (this.imageId === image.id) return;
    this.imageId = image.id;
    if (image.kind !== 'rootfs') this.useMachine();
    // Ports entered by hand are somebody's wish, whatever the image serves.
    if (this.ports.every(({ guestPort }) => guestPort === null || this.#served.includes(guestPort)))
      void this.#fillPorts(image.config?.exposedPorts ?? []);
  }

  /** Takes what the system on the medium needs, once, where nobody chose otherwise. */
  fit({ name, memoryMib, diskGib }: Medium): void {
    if (this.#fitted?.medium === name) return;
    const usual = this.#fitted ?? { memoryMib: USUAL_MACHINE_MIB, diskGib: null };
    if (this.memoryMib === usual.memoryMib) this.memoryMib = memoryMib;
    if (this.diskGib === usual.diskGib) this.diskGib = diskGib;
    this.#fitted = { medium: name, memoryMib, diskGib };
  }

  /** Systems of their own may read a seed; what is made from a container's image has none. */
  canHaveLogin(image: Image | undefined): boolean {
    return (
      this.isolation !== 'container' &&
      this.source !== 'disk' &&
      (this.source === 'iso' || (image !== undefined && image.kind !== 'rootfs'))
    );
  }

  /** A reference that has to be pulled before anything is made of it. */
  get toPull(): string | null {
    return (this.source === 'pull' && this.reference.trim()) || null;
  }

  /** It starts from what is no image of the store. */
  get ofHost(): boolean {
    return this.source === 'iso' || this.source === 'disk';
  }

  /** A disk or a medium brings its own kernel. */
  useMachine(): void {
    if (this.isolation !== 'vm') this.setIsolation('vm');
  }

  setIsolation(isolation: Isolation): void {
    this.isolation = isolation;
    // A machine has a kernel to feed and cannot have half a processor.
    if (isolation !== 'container') {
      this.memoryMib = Math.max(this.memoryMib, USUAL_MACHINE_MIB);
      this.cpus = Math.max(1, Math.round(this.cpus));
    }
  }

  /** What is asked of the engine. A bootable medium from the store goes where a path of one would. */
  toGuestDraft(image: Image | undefined): GuestDraft {
    const machine = this.isolation !== 'container';
    const { command, network, ports, mounts, env } = this.options();
    const { machine: asked, ...chosen } = this.chosen();
    const onDisk = this.source === 'disk';
    const disks = [...(onDisk && this.hostDisk ? [hostDisk(this.hostDisk)] : []), ...this.disks.map(diskOf)];
    const firstLogin = this.canHaveLogin(image) ? this.login.wish() : null;
    return {
      name: this.name,
      isolation: this.isolation,
      image: !this.ofHost && image && image.kind !== 'iso' ? image.name : null,
      iso: this.source === 'iso' ? this.isoPath || null : !onDisk && image?.kind === 'iso' ? image.name : null,
      cpus: this.cpus,
      memoryMib: this.memoryMib,
      diskGib: machine ? (onDisk ? 0 : this.diskGib) : null,
      ...{ network, ports, mounts, env, command },
      ...chosen,
      ...(machine && disks.length > 0 ? { disks } : {}),
      // What was set for a machine is kept in the form, not asked for a container.
      ...(machine && asked ? { machine: asked } : {}),
      ...(firstLogin ? { firstLogin } : {}),
    } as GuestDraft;
  }

  #fillPorts(exposed: readonly number[]): Promise<void> {
    this.#served = exposed;
    return this.#choosePorts(exposed.map((guestPort) => ({ hostIp: '127.0.0.1', guestPort, protocol: 'tcp' })));
  }

  /** The ports, with free ones of the host. */
  async #choosePorts(ports: readonly Omit<PortRule, 'hostPort'>[]): Promise<void> {
    this.ports = ports.map((port) => ({ ...port, hostPort: null }));
    if (ports.length === 0) return;
    try {
      const free = await engine.call('host.freePorts', { wanted: ports.map(({ guestPort }) => wish(guestPort)) });
      this.ports.forEach((port, i) => {
        port.hostPort ??= free[i] ?? null;
      });
    } catch {
      // Left empty: the engine chooses free ports at creation.
    }
  }
}

/** Ports below 1024 may be refused to an ordinary user: 80 becomes 8080, 443 becomes 8443. */
const wish = (port: number): number => (port < 1024 ? 8000 + port : port);

export const draft = new Draft();

/** The drivers of an engine: who runs guests of which isolation. */
import { GuesthouseError } from '../contract/errors.ts';
import type { Isolation } from '../contract/guest.ts';
import type { Driver, DriverContext } from './driver.ts';
import { createOciDriver } from './oci/index.ts';

export interface Drivers {
  /** Throws `unsupported`. */
  for(isolation: Isolation): Promise<Driver>;
  /** A container will be started in a moment. */
  warm(): void;
  all(): Promise<readonly Driver[]>;
  /** Lets go of everything without ending any guest. */
  close(): Promise<void>;
}

/** That of machines is loaded when the first machine is met or asked for: it is a fifth of all that a command loads. */
export function createDrivers(context: DriverContext): Drivers {
  const containers = createOciDriver(context);
  let machines: Promise<Driver> | null = null;
  const all = () => {
    machines ??= import('./qemu/index.ts').then(({ createQemuDriver }) => createQemuDriver(context));
    return Promise.all([containers, machines]);
  };
  return {
    all,
    warm: () => containers.warm?.(),
    async for(isolation) {
      if (containers.isolations.includes(isolation)) return containers;
      const driver = (await all()).find((one) => one.isolations.includes(isolation));
      if (driver) return driver;
      throw new GuesthouseError({ code: 'unsupported', message: `There is no way to run a ${isolation} yet.` });
    },
    async close() {
      await Promise.all([containers.close(), machines?.then((driver) => driver.close())]);
    },
  };
}

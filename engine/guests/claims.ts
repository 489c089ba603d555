/** Names and ports of guests being created: two creations at once may both have passed their checks. */
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest, GuestAddress, GuestSpec } from '../contract/guest.ts';
import { clash, keyOf } from './port-key.ts';

export class Claims {
  readonly #byName = new Map<string, readonly string[]>();

  readonly #addresses = new Map<string, readonly GuestAddress[]>();

  /** Addresses of guests whose record is not written yet. */
  addresses(): { address: null; addresses: readonly GuestAddress[] }[] {
    return [...this.#addresses.values()].map((addresses) => ({ address: null, addresses }));
  }

  /** Keeps addresses from others until `drop`. */
  hold(name: string, addresses: readonly GuestAddress[]): void {
    this.#addresses.set(name, addresses);
  }

  /** Key of a port (see port-key.ts) -> name. */
  ports(): ReadonlyMap<string, string> {
    return new Map([...this.#byName].flatMap(([name, ports]) => ports.map((port) => [port, name] as const)));
  }

  /** Throws `conflict` when the name or a port was taken since the spec was checked. */
  take(spec: GuestSpec, guests: readonly Pick<Guest, 'name' | 'ports'>[]): void {
    const wanted = spec.ports.map(keyOf);
    const others = new Map(guests.map((guest) => [guest.name, guest.ports.map(keyOf)] as const));
    for (const [name, ports] of this.#byName) others.set(name, [...ports]);
    if (others.has(spec.name)) {
      throw new GuesthouseError({
        code: 'conflict',
        message: `There is a guest named ${spec.name} already.`,
        subject: spec.name,
        hint: 'Choose another name, or remove that guest first.',
      });
    }
    for (const [name, ports] of others) {
      const held = new Map(ports.map((key) => [key, name]));
      const port = wanted.find((key) => clash(key, held) !== undefined)?.split(' ')[1];
      if (port)
        throw new GuesthouseError({ code: 'conflict', message: `Port ${port} is in use by ${name}.`, subject: port });
    }
    this.#byName.set(spec.name, wanted);
  }

  drop(name: string): void {
    this.#byName.delete(name);
    this.#addresses.delete(name);
  }
}

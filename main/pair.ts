/** Two carriers joined in memory: for a caller that owns the engine itself, and for tests of the bridge. */
import type { Carrier } from '../engine/contract/wire.ts';

/** Messages arrive in order, in a later microtask, as over any real link. */
export function carrierPair(): [Carrier, Carrier] {
  let open = true;
  const make = (): Carrier => ({
    sendMessage: () => {},
    sendBytes: () => {},
    onMessage: () => {},
    onBytes: () => {},
    onClose: () => {},
    close: () => {},
  });
  const near = make();
  const far = make();
  const join = (from: Carrier, to: Carrier) => {
    from.sendMessage = (message) => queueMicrotask(() => open && to.onMessage(message));
    from.sendBytes = (id, bytes) => queueMicrotask(() => open && to.onBytes(id, bytes));
    from.close = () => {
      if (!open) return;
      open = false;
      queueMicrotask(() => {
        near.onClose('closed');
        far.onClose('closed');
      });
    };
  };
  join(near, far);
  join(far, near);
  return [near, far];
}

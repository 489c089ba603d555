/** Signals that end or steer a command in front are meant for the guest it shows. */
import type { Client } from '../../engine/contract/client.ts';

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** So many Ctrl-C without effect: whoever types them wants to get out. */
const ENOUGH = 3;

/** Passes signals on to the guest's program; a guest that takes none is asked to stop. Answers the function that ends it. */
export function passSignals(client: Client, guest: string, giveUp: () => void): () => void {
  let interrupts = 0;
  const on = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' && ++interrupts >= ENOUGH) return giveUp();
    client
      .call('guests.signal', { guest, signal })
      .catch(() => (signal.startsWith('SIGUSR') ? null : client.call('guests.stop', { guest })))
      .catch(() => {});
  };
  for (const signal of PASSED_ON) process.on(signal, on);
  return () => {
    for (const signal of PASSED_ON) process.off(signal, on);
  };
}

/**
 * The relay: a process of the house that listens on the host's network and connects on the house's. Its argument is the
 * path of its control socket, its descriptor 4 the house's network namespace. It says `ready` on descriptor 3 and ends
 * with the house, or when it is told to. See decisions/0011-networks-and-published-ports.md.
 */
import { rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { enterForSockets } from './house-sockets.ts';
import { RELAY_NAME, type RelayAnswer, type RelayRequest } from './protocol.ts';
import { createRelayTable, type RelayTable } from './table.ts';
import { tcpListener } from './tcp.ts';
import { udpListener } from './udp.ts';

/** A guest has 256 rules at most; longer requests are not ours (bytes). */
const MAX_REQUEST = 1024 * 1024;
const READY_FD = 3;
const NAMESPACE_FD = 4;

process.title = RELAY_NAME;
const socketPath = process.argv[2] ?? '';
const makeSocket = await enterForSockets(NAMESPACE_FD);
const table = createRelayTable((rule) =>
  rule.protocol === 'tcp' ? tcpListener(rule, makeSocket) : udpListener(rule, makeSocket),
);
/** One change at a time. */
let queue: Promise<unknown> = Promise.resolve();

process.umask(0o177);
const control = createServer({ allowHalfOpen: true }, (peer) => {
  let text = '';
  peer.setEncoding('utf8');
  peer.on('error', () => {});
  peer.on('data', (chunk) => {
    text += chunk;
    if (text.length > MAX_REQUEST) peer.destroy();
  });
  peer.on('end', () => {
    queue = queue.then(() => answer(table, text)).then((said) => peer.end(JSON.stringify(said)));
  });
});
rmSync(socketPath, { force: true });
control.listen(socketPath, () => writeSync(READY_FD, 'ready'));

async function answer(rules: RelayTable, text: string): Promise<RelayAnswer> {
  try {
    const request = JSON.parse(text) as RelayRequest;
    if (request.do === 'set') return await rules.set(request.owner, request.rules);
    if (request.do === 'retain') return await rules.retain(request.owners);
    setImmediate(() => process.exit(0));
    return { ok: true };
  } catch {
    return { ok: false, code: 'EINVAL', rule: null };
  }
}

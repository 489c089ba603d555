/** Commands that look into one guest: top, port, diff, wait. */

import { untilHealthy } from '../../../engine/compose/until-healthy.ts';
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import { duration } from '../../../engine/notation/quantity.ts';
import { misused, oneName, parse, quoted } from '../args.ts';
import type { CommandModule } from '../commands.ts';
import { forEachName } from '../each.ts';
import { withEngine } from '../engine.ts';
import { codeOf } from '../exit-code.ts';
import { bytes, plain, printJson, printTable } from '../print.ts';

export const top: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, { json: { type: 'boolean' } });
    const guest = oneName(names, 'top');
    const processes = await withEngine((client) => client.call('guests.top', { guest }));
    if (values.json) return printJson(processes) as undefined;
    printTable(
      ['PID', 'PARENT', 'HOST PID', 'UID', 'STATE', 'CPU', 'MEMORY', 'COMMAND'],
      processes.map((one) => [
        String(one.pid ?? '-'),
        String(one.parentPid ?? '-'),
        String(one.hostPid),
        String(one.uid),
        one.state,
        `${one.cpuSeconds.toFixed(1)} s`,
        bytes(one.memoryBytes),
        one.command,
      ]),
    );
    return undefined;
  },
};

export const port: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, { json: { type: 'boolean' } });
    const guest = oneName(names, 'port');
    const { ports } = await withEngine((client) => client.call('guests.inspect', { guest }));
    if (values.json) return printJson(ports) as undefined;
    for (const { hostIp, hostPort, guestPort, protocol } of ports) {
      const host = hostIp.includes(':') ? `[${hostIp}]` : hostIp;
      process.stdout.write(`${guestPort}/${protocol} -> ${host}:${hostPort}\n`);
    }
    return undefined;
  },
};

const MARKS = { added: 'A', changed: 'C', removed: 'D' } as const;

export const diff: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, { json: { type: 'boolean' } });
    const guest = oneName(names, 'diff');
    const changes = await withEngine((client) => client.call('guests.diff', { guest }));
    if (values.json) return printJson(changes) as undefined;
    for (const { change, path } of changes) process.stdout.write(`${MARKS[change]} ${plain(path)}\n`);
    return undefined;
  },
};

const WAITS = ['stopped', 'running', 'paused', 'healthy'] as const;
/** The longest one call waits (ms). */
const MOST_MS = 3_600_000;

/** `wait [--for STATE] [--timeout D] NAME...`: for the end of a guest its exit code is told, as docker does. */
export const wait: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, { for: { type: 'string' }, timeout: { type: 'string' } });
    if (names.length === 0) throw misused('`wait` needs the name of a guest.', 'See `guesthouse help wait`.');
    const what = WAITS.find((name) => name === (values.for ?? 'stopped'));
    if (!what) throw misused(`--for has no ${quoted(values.for as string)}.`, `There are: ${WAITS.join(', ')}.`);
    const deadline =
      values.timeout === undefined
        ? Number.POSITIVE_INFINITY
        : performance.now() + duration(values.timeout, '--timeout');
    return withEngine(
      (client) =>
        forEachName(
          names,
          async (guest) => {
            if (what === 'healthy') return untilHealthy(client, guest, deadline);
            const states = what === 'stopped' ? ['stopped', 'failed'] : [what];
            for (;;) {
              const timeoutMs = Math.max(0, Math.min(MOST_MS, deadline - performance.now()));
              try {
                return await client.call('guests.wait', { guest, states, timeoutMs });
              } catch (error) {
                if (!(error instanceof GuesthouseError) || error.code !== 'timeout' || performance.now() >= deadline)
                  throw error;
              }
            }
          },
          (answer, guest) => {
            const exit = (answer as Awaited<ReturnType<typeof untilHealthy>>).exit;
            return what === 'stopped' ? String(exit ? codeOf(exit) : 0) : guest;
          },
        ),
      { long: true },
    );
  },
};

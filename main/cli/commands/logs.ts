/** `guesthouse logs [-f] NAME`: bytes as the guest wrote them. */
import type { CallResult, EngineStreams } from '../../../engine/contract/api.ts';
import { moment } from '../../../engine/notation/quantity.ts';
import { oneName, parse, whole } from '../args.ts';
import { type EngineClient, goesOn, withEngine } from '../engine.ts';
import { createLogResume, type LogChannel } from '../resume-log.ts';
import { toStderr, toStdout } from '../stream.ts';

type LogRequest = EngineStreams['logs']['args'];

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    follow: { type: 'boolean', short: 'f' },
    tail: { type: 'string', short: 'n' },
    since: { type: 'string' },
    until: { type: 'string' },
    timestamps: { type: 'boolean', short: 't' },
  });
  const guest = oneName(names, 'logs');
  const request = {
    guest,
    follow: values.follow ?? false,
    ...(values.tail === undefined || values.tail === 'all' ? {} : { tailLines: whole(values.tail, '--tail') }),
    ...(values.since === undefined ? {} : { sinceMs: moment(values.since, '--since') }),
    ...(values.until === undefined ? {} : { untilMs: moment(values.until, '--until') }),
    ...(values.timestamps ? { timestamps: true } : {}),
  };
  await withEngine(
    (client) => (request.follow ? follow(client, request) : show(client, request, (_, bytes) => bytes)),
    {
      long: request.follow,
    },
  );
  return undefined;
}

/** Also when the engine's owner ends meanwhile: then it goes on with the next byte, or, for a machine, with what comes. */
async function follow(client: EngineClient, request: LogRequest): Promise<void> {
  const { id, isolation }: CallResult<'guests.inspect'> = await client.call('guests.inspect', { guest: request.guest });
  const hasTimes = isolation === 'container';
  const resume = createLogResume(request.timestamps ?? false);
  // A rename does not matter.
  let now: LogRequest = { ...request, guest: id, ...(hasTimes ? { timestamps: true } : {}) };
  for (;;) {
    try {
      return await show(client, now, (channel, bytes) => (hasTimes ? resume.add(channel, bytes) : bytes));
    } catch (error) {
      if (!(await goesOn(client, error))) throw error;
      const sinceMs = hasTimes ? resume.restart() : null;
      const { tailLines: _, ...rest } = now;
      if (sinceMs !== null) now = { ...rest, sinceMs };
      else if (!hasTimes) now = { ...rest, tailLines: 0 };
    }
  }
}

async function show(
  client: EngineClient,
  request: LogRequest,
  pick: (channel: LogChannel, bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  const outputs = { stdout: toStdout(), stderr: toStderr() };
  let channel: LogChannel = 'stdout';
  const stream = await client.open('logs', request, {
    onData: (bytes, from) => outputs[channel].write(pick(channel, bytes), () => from.consumed(bytes.length)),
    onControl: (mark) => {
      if (mark.type === 'output') channel = mark.channel;
    },
  });
  const stop = () => stream.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await stream.ended.catch((error) => {
      if (error.code !== 'cancelled') throw error;
    });
    await Promise.all([outputs.stdout.flushed(), outputs.stderr.flushed()]);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

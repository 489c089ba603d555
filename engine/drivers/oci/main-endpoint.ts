/** The console of a container's main program. */
import type { ConsoleEndpoint } from '../driver.ts';
import { createEndpoint } from './endpoint.ts';
import type { Poller } from './poller.ts';
import type { Run } from './runs.ts';

/** Takes over what was joined before the program ran, if anything was. */
export function mainEndpoint(run: Run, logPath: string, poller: Poller): ConsoleEndpoint {
  const { attached, record, guestId } = run;
  run.attached = null;
  return createEndpoint(
    {
      id: `${guestId}:main`,
      guestId,
      kind: 'main',
      title: record.title,
      tty: record.tty,
      startedAt: record.startedAt,
      folder: run.folder,
      logPath,
      logStart: { offset: record.logOffset, inode: record.logInode },
      ended: run.exited.then(({ code }) => code),
      attached,
      failure: null,
    },
    poller,
  );
}

/** Progress of the operation a command waits for, on stderr; Ctrl-C cancels it and waits until it was taken back. */
import type { Client } from '../../engine/contract/client.ts';
import type { Operation, OperationVerb } from '../../engine/contract/operation.ts';
import { Pace } from './pace.ts';
import { bytes, bytesOf, plain } from './print.ts';

/** Runs `act` and shows the operation with this verb and target (null: any) meanwhile. */
export async function withProgress<T>(
  client: Client,
  verb: OperationVerb,
  target: string | null,
  act: () => Promise<T>,
): Promise<T> {
  const screen = process.stderr.isTTY;
  const known = new Set<string>();
  let mine: Operation | null = null;
  let step = '';
  const pace = new Pace();
  let asked = false;
  const cancel = () => {
    if (mine) client.call('operations.cancel', { operation: mine.id }).catch(() => {});
  };
  const onSignal = () => {
    if (asked) process.exit(130);
    asked = true;
    cancel();
  };
  const show = (operation: Operation) => {
    if (operation.verb !== verb || (target !== null && operation.target !== target) || known.has(operation.id)) return;
    const first = mine === null;
    mine = operation;
    if (first && asked) cancel();
    const { progress } = operation;
    if (!progress || operation.state !== 'running') return;
    // In a file of lines the rate behind the dot is noise.
    const doing = progress.step.split(' · ')[0] as string;
    if (screen) process.stderr.write(`\r\x1b[K${line(operation, pace.text(progress, performance.now()))}`);
    else if (doing !== step) process.stderr.write(`${plain(doing)}\n`);
    step = doing;
  };
  const unsubscribe = client.subscribe('state', {}, (event) => {
    if (event.type === 'snapshot') for (const { id } of event.operations) known.add(id);
    if (event.type === 'operation') show(event.operation);
  });
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await act();
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    unsubscribe();
    if (screen && step !== '') process.stderr.write('\r\x1b[K');
  }
}

/** `pace`: what is said of its speed, or nothing. */
function line({ progress }: Operation, pace: string): string {
  if (!progress) return '';
  const share = progress.fraction === null ? '' : `${String(Math.floor(progress.fraction * 100)).padStart(3)} %  `;
  const amount =
    progress.bytesDone === undefined
      ? ''
      : `  ${progress.bytesTotal ? bytesOf(progress.bytesDone, progress.bytesTotal) : bytes(progress.bytesDone)}`;
  const room = (process.stderr.columns ?? 80) - 1;
  const withAmount = (said: string) => plain(`${share}${progress.step}${said}${pace === '' ? '' : `  ${pace}`}`);
  const whole = withAmount(amount);
  // Better without the amount than with half of a number.
  return (whole.length > room ? withAmount('') : whole).slice(0, room);
}

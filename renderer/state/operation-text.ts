/** Says how far an operation is: step, bytes, rate and time left, as far as they are known. */
import type { Operation } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';

export function progressText(operation: Operation, bytesPerSecond: number | null): string {
  const { progress } = operation;
  if (!progress) return '';
  const { bytesDone, bytesTotal } = progress;
  if (bytesDone === undefined) return progress.step;
  const parts = [
    bytesTotal ? m.frame.progressOf(m.format.bytes(bytesDone), m.format.bytes(bytesTotal)) : m.format.bytes(bytesDone),
  ];
  if (bytesPerSecond) {
    parts.push(m.frame.rate(m.format.bytes(bytesPerSecond)));
    if (bytesTotal) parts.push(m.frame.left(m.format.span(((bytesTotal - bytesDone) / bytesPerSecond) * 1000)));
  }
  return parts.join(', ');
}

import { join } from 'node:path';

/** Where guest files are taken apart; emptied when the engine starts. */
export function workFolder(home: string): string {
  return join(home, 'work');
}

/** One `ip` that stays in the house's network: changing a device costs a fraction of starting a program. */
import { GuesthouseError } from '../contract/errors.ts';
import { type Conversation, converse } from '../host/conversation.ts';

const ANSWER_TIMEOUT_MS = 5_000;

export interface LinkControl {
  /** Carries out `ip -batch` lines. Throws `internal` with what `ip` said of the lines that failed. */
  apply(batch: string): Promise<void>;
  close(): void;
}

/** `enter`: the words that lead into the house's network; asked again whenever `ip` has to be started anew. */
export function createLinkControl(enter: () => readonly string[]): LinkControl {
  let ip: Conversation | null = null;
  let asked = 0;
  return {
    async apply(batch) {
      if (ip === null || ip.ended) ip = converse([...enter(), 'ip', '-force', '-batch', '-']);
      asked += 1;
      // No word of `ip`'s language, so it complains about it, which says that everything before it is done.
      const mark = `guesthouse-done-${asked}`;
      const end = new RegExp(`Object "${mark}" is unknown[^\\n]*\\nCommand failed[^\\n]*\\n`);
      const complaints = await ip.ask(`${batch}${mark}\n`, end, ANSWER_TIMEOUT_MS);
      if (complaints.trim() === '') return;
      throw new GuesthouseError({
        code: /File exists|busy/.test(complaints) ? 'conflict' : 'internal',
        message: 'The network of the house could not be changed.',
        subject: 'ip',
        cause: complaints.replace(/Command failed -:\d+\n/g, '').trim(),
      });
    },
    close() {
      ip?.close();
      ip = null;
    },
  };
}

/** The command line that does the same as the form. Pure. */
import type { GuestDraft } from '../../engine/contract/index.ts';
import { quoteWord } from './words-of-line.ts';

/** Lines to be joined with ` \` and a line break; the first is the command with the name. */
export function cliLines(draft: GuestDraft): string[] {
  const lines = [`guesthouse create ${draft.name ? quoteWord(draft.name) : 'NAME'}`];
  if (draft.image) lines.push(`--image ${quoteWord(draft.image)}`);
  lines.push(`--isolation ${draft.isolation}`);
  if (draft.iso) lines.push(`--iso ${quoteWord(draft.iso)}`);
  const amounts = [];
  if (draft.cpus !== undefined) amounts.push(`--cpus ${draft.cpus}`);
  if (draft.memoryMib !== undefined) amounts.push(`--memory ${draft.memoryMib}`);
  if (draft.diskGib != null) amounts.push(`--disk ${draft.diskGib}`);
  if (amounts.length > 0) lines.push(amounts.join(' '));
  if (draft.network === 'none') lines.push('--network none');
  for (const port of draft.ports ?? []) {
    const ip = port.hostIp === '127.0.0.1' ? '' : `${port.hostIp}:`;
    lines.push(`-p ${ip}${port.hostPort}:${port.guestPort}`);
  }
  for (const mount of draft.mounts ?? []) {
    lines.push(`-v ${quoteWord(`${mount.source}:${mount.target}${mount.readOnly ? ':ro' : ''}`)}`);
  }
  for (const [key, value] of Object.entries(draft.env ?? {})) lines.push(`-e ${quoteWord(`${key}=${value}`)}`);
  if (draft.command && draft.command.length > 0) lines.push(`-- ${draft.command.map(quoteWord).join(' ')}`);
  return lines;
}

export const cliText = (draft: GuestDraft): string => cliLines(draft).join(' \\\n  ');

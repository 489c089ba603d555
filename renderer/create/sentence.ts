/** The draft as a sentence a person would say; facts are marked. Pure. */
import type { GuestDraft, Image } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';

export interface Part {
  readonly text: string;
  readonly fact: boolean;
}

const fact = (text: string): Part => ({ text, fact: true });
const plain = (text: string): Part => ({ text, fact: false });

export function sentenceOf(draft: GuestDraft, image: Image | undefined): Part[] {
  const say = m.create.say;
  const from =
    draft.image ?? draft.iso ?? draft.disks?.find((disk) => disk.from?.startsWith('/') && !draft.diskGib)?.from;
  const parts = [
    plain(say.a),
    fact(m.words.aGuest(draft.isolation)),
    ...(draft.name ? [plain(say.named), fact(draft.name)] : []),
    plain(say.from),
    fact(from ?? m.create.nothingChosen),
    plain(say.with),
    fact(m.words.cores(draft.cpus ?? 1)),
    plain(say.and),
    fact(m.format.mib(draft.memoryMib ?? 0)),
  ];
  if (draft.diskGib) parts.push(plain(say.upTo), fact(`${draft.diskGib} GiB`), plain(say.ofDisk));
  parts.push(plain('. '));
  const ports = draft.ports ?? [];
  if (draft.network === 'none') parts.push(plain(say.noNetwork));
  else if (ports.length > 0) {
    parts.push(plain(say.reach));
    ports.forEach((port, i) => {
      if (i > 0) parts.push(plain(i === ports.length - 1 ? say.lastAnd : say.comma));
      parts.push(fact(port.hostPort ? `${port.hostIp}:${port.hostPort}` : say.aFreePort(port.guestPort)));
    });
    parts.push(plain('.'));
  } else parts.push(plain(say.noPorts));
  const command = draft.command?.join(' ');
  if (command) parts.push(plain(say.runs), fact(command), plain('.'));
  // A machine boots its image's system; what that starts is its own business.
  else if (draft.isolation === 'container' && image?.config?.cmd.length)
    parts.push(plain(say.runs), fact([...image.config.entrypoint, ...image.config.cmd].join(' ')), plain('.'));
  return parts;
}

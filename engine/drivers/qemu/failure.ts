/** QEMU's own words about why it ended -> one error that names the file or option concerned. */
import { GuesthouseError } from '../../contract/errors.ts';

const CAUSE_CHARACTERS = 400;
const SHOWN_CHARACTERS = 120;

/** `text`: QEMU's output. `sets`: paths behind `/dev/fdset/N`. `disk`: the guest's own. */
export function explainQemu(
  text: string,
  guestName: string,
  sets: ReadonlyMap<number, string> = new Map(),
): GuesthouseError {
  const named = text.replace(/\/dev\/fdset\/(\d+)/g, (word, set) => sets.get(Number(set)) ?? word);
  const lines = named.trim().split('\n');
  // The reason is the last message of QEMU's own, with the lines that follow it; warnings come before.
  const at = lines.findLastIndex((line) => /^\S*qemu\S*: (?!.*warning: )/.test(line));
  const [line = '', ...more] = lines.slice(Math.max(0, at));
  const [, option, rest] = /^\S*qemu\S*: (?:(-[a-z]\S* .*?): )?(.*)$/.exec(line) ?? [];
  const cause = [rest ?? line, ...more].join(' ').trim().slice(0, CAUSE_CHARACTERS);
  const file = [...sets.values()].find((path) => (option ?? line).includes(path));
  if (/cannot (?:set up guest memory|allocate memory)/i.test(named)) {
    return new GuesthouseError({
      code: 'resources',
      message: `There is not enough memory for ${guestName}.`,
      subject: 'memoryMib',
      cause,
      hint: 'Give it less memory, or stop another guest.',
    });
  }
  if (file !== undefined && /Failed to get .* lock/.test(cause)) {
    return new GuesthouseError({
      code: 'conflict',
      message: `The disk of ${guestName} is used by another program.`,
      subject: file,
      cause,
      hint: 'End that program, then start again.',
    });
  }
  if (file !== undefined) {
    return new GuesthouseError({
      code: 'bad-data',
      message: `QEMU could not start ${guestName}: it cannot use the file ${file}.`,
      subject: file,
      cause,
      hint: 'Put the file back from a copy, or create the guest anew.',
    });
  }
  const model = /unable to find CPU model '([^']{1,100})'/.exec(cause)?.[1];
  if (model !== undefined) {
    return new GuesthouseError({
      code: 'invalid',
      message: `${guestName} cannot start: QEMU knows no processor ${model}.`,
      subject: 'machine.cpuModel',
      cause,
      hint: 'Leave the model out, or take one that `qemu-system-x86_64 -cpu help` lists.',
    });
  }
  return new GuesthouseError({
    code: 'guest-failed',
    message: option
      ? `QEMU could not start ${guestName}: it does not take ${option.slice(0, SHOWN_CHARACTERS)}.`
      : `QEMU could not start ${guestName}.`,
    subject: option?.slice(0, CAUSE_CHARACTERS) ?? guestName,
    cause: cause || 'QEMU ended at once and said nothing.',
    ...(option ? { hint: 'If it is a word of your own (--qemu-arg, Hardware in the settings), take it out.' } : {}),
  });
}

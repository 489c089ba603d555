/** What a runtime's error text means, in one sentence. Texts of runc and crun. Pure. */
import { GuesthouseError } from '../../contract/errors.ts';

/** As shells answer: 127 not found, 126 found but not executable. null: another failure. */
export function missingCommandCode(message: string): 126 | 127 | null {
  if (
    /permission denied|not permitted|is a directory|exec format error/i.test(message) &&
    /exec|executable/i.test(message)
  )
    return 126;
  if (/executable file .*not found|exec: .*no such file or directory|executable .* no such file/i.test(message)) {
    return 127;
  }
  return null;
}

/** Only the words: no `time=… level=error msg=…`, no stack of prefixes. */
export function runtimeWords(message: string): string {
  const last = message.trim().split('\n').filter(Boolean).at(-1) ?? '';
  const words = /msg="((?:[^"\\]|\\.)*)"/.exec(last)?.[1]?.replace(/\\(.)/g, '$1') ?? last;
  return words
    .replace(/^(runc|crun) \w+ failed: /, '')
    .replace(/: unknown$/, '')
    .slice(0, 600);
}

export function commandFailure(command: string, image: string | null, message: string): GuesthouseError | null {
  const code = missingCommandCode(message);
  if (code === null) return null;
  const where = image === null ? 'in this container' : `in the image ${image}`;
  return new GuesthouseError({
    code: code === 127 ? 'not-found' : 'denied',
    message:
      code === 127
        ? `The command \`${command}\` was not found ${where}.`
        : `The command \`${command}\` ${where} cannot be executed.`,
    subject: command,
    cause: runtimeWords(message),
    hint: code === 127 ? 'Check its spelling, or give its full path.' : 'It has to be an executable file.',
  });
}

export function startFailure(guest: string, command: string, image: string | null, message: string): GuesthouseError {
  return (
    commandFailure(command, image, message) ??
    new GuesthouseError({
      code: /cannot allocate memory|no space left|too many/i.test(message) ? 'resources' : 'internal',
      message: `The container ${guest} could not be started.`,
      subject: guest,
      cause: runtimeWords(message),
    })
  );
}

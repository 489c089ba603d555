import { describe, expect, it } from 'vitest';
import { missingCommandCode, runtimeWords, startFailure } from './failure.ts';

const runc = 'time="2026-11-23T16:54:25Z" level=error msg="runc create failed: unable to start container process: ';

describe('runtime errors', () => {
  it.each([
    [`${runc}exec: \\"foo\\": executable file not found in $PATH"`, 127],
    [`${runc}exec: \\"/bin/foo\\": stat /bin/foo: no such file or directory"`, 127],
    [`${runc}exec: \\"/etc/passwd\\": permission denied"`, 126],
    [`${runc}exec: \\"/etc\\": is a directory"`, 126],
    ['crun: executable file `foo` not found in $PATH: No such file or directory', 127],
    ['open executable: Operation not permitted', 126],
    [`${runc}error mounting \\"/x\\" to rootfs: no such file or directory"`, null],
    ['', null],
  ])('%s', (message, code) => {
    expect(missingCommandCode(message)).toBe(code);
  });

  it('become one plain sentence with the cause beside it', () => {
    expect(runtimeWords(`${runc}exec: \\"foo\\": gone"\n`)).toBe(
      'unable to start container process: exec: "foo": gone',
    );
    expect(
      startFailure('web', 'foo', 'debian:12', `${runc}exec: \\"foo\\": executable file not found in $PATH"`),
    ).toMatchObject({
      code: 'not-found',
      message: 'The command `foo` was not found in the image debian:12.',
    });
    expect(startFailure('web', 'foo', null, 'no space left on device')).toMatchObject({ code: 'resources' });
  });
});

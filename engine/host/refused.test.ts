import { expect, test } from 'vitest';
import { GuesthouseError } from '../contract/errors.ts';
import { explainRefusal } from './refused.ts';

const met = (code: string, path: string) => Object.assign(new Error(`${code}: open '${path}'`), { code, path });

test('a read-only file system and a folder of somebody else are told apart', () => {
  expect(explainRefusal(met('EROFS', '/srv/home/guests/x'), '/srv/home', 'starting web')).toMatchObject({
    code: 'denied',
    message: 'Access was refused while starting web.',
    subject: '/srv/home/guests/x',
    cause: 'The file system that holds /srv/home/guests/x is mounted read-only.',
  });
  expect(explainRefusal(met('EACCES', '/srv/home'), '/srv/home', 'starting web')).toMatchObject({
    code: 'denied',
    cause: expect.stringContaining('has no permission for /srv/home'),
  });
});

test.each([
  [met('EACCES', '/srv/homework')],
  [met('EEXIST', '/srv/home/x')],
  [new GuesthouseError({ code: 'denied', message: 'No.' })],
  [null],
])('anything else stays what it is: %s', (thrown) => {
  expect(explainRefusal(thrown, '/srv/home', 'starting web')).toBe(thrown);
});

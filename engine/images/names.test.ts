import { describe, expect, it } from 'vitest';
import { acceptableName, fullName, nameFromFile } from './names.ts';

describe('image names', () => {
  it('get the tag latest when they have none', () => {
    expect(fullName('busybox')).toBe('busybox:latest');
    expect(fullName('debian:12')).toBe('debian:12');
    expect(fullName('registry.example:5000/team/web')).toBe('registry.example:5000/team/web:latest');
  });

  it('are refused when they could be mistaken for anything else', () => {
    for (const name of [
      '',
      '..',
      '../x',
      'a/../b',
      '/a',
      'a/',
      'A',
      'a b',
      'a,b',
      'a\nb',
      'a:',
      ':x',
      '-a',
      'a'.repeat(256),
    ])
      expect(() => fullName(name), name).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('are made from any file name', () => {
    expect(nameFromFile('/x/Server Disk (2).QCOW2')).toBe('server-disk-2:latest');
    expect(nameFromFile('web.tar.gz')).toBe('web:latest');
    expect(nameFromFile('..')).toBe('imported:latest');
    expect(nameFromFile('ü.iso')).toBe('imported:latest');
    expect(nameFromFile('a..--__b')).toBe('a-b:latest');
    expect(nameFromFile(`${'x.'.repeat(200)}img`)).toMatch(/^[x.]{1,100}:latest$/);
  });

  it('of archives lose what Docker adds, or are passed over', () => {
    expect(acceptableName('docker.io/library/alpine:3')).toBe('alpine:3');
    expect(acceptableName('Not A Name')).toBeNull();
    expect(acceptableName(7)).toBeNull();
  });
});

import { expect, it } from 'vitest';
import { findProgram, installSentence, missingTool } from './tools.ts';

it('finds programs as a person would, and those in sbin', () => {
  expect(findProgram('sh')).toMatch(/\/sh$/);
  expect(findProgram('/bin/sh')).toBe('/bin/sh');
  expect(findProgram('/etc')).toBeNull();
  expect(findProgram('no-such-program')).toBeNull();
});

it('says what is missing and what has it', () => {
  expect(missingTool('dnsmasq')).toMatchObject({
    code: 'missing-tool',
    subject: 'dnsmasq',
    hint: expect.stringMatching(/dnsmasq/),
  });
  expect(missingTool('no-such-program').hint).toMatch(/guesthouse doctor/);
});

it('names the command of the package system', () => {
  expect(installSentence(['dnsmasq', 'ip'], 'apt')).toBe('Install it with `apt install dnsmasq-base iproute2`.');
  expect(installSentence(['unshare', 'nsenter'], 'pacman')).toBe('Install it with `pacman -S util-linux`.');
  expect(installSentence(['qemu-system-x86_64', 'qemu-img'], null)).toBe(
    'Install it with `apt install qemu-system-x86 qemu-utils`, `dnf install qemu-system-x86 qemu-img`, ' +
      '`pacman -S qemu-system-x86 qemu-img` or `zypper install qemu-x86 qemu-img`.',
  );
  expect(installSentence(['mmdebstrap'], 'pacman')).toBe(
    'This system has no package of mmdebstrap; install it by hand.',
  );
});

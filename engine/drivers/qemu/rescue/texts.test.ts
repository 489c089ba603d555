import { describe, expect, it } from 'vitest';
import { parseDevices } from './devices.ts';
import { heldBy, whyClosed } from './file-systems.ts';
import { means, parseFstab, systemName } from './fstab.ts';
import { chooseRoot } from './opened.ts';
import { addKeyLine, loginFiles, parseUsers, withPassword } from './passwd.ts';

const PASSWD =
  'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\nann:x:1000:1000:Ann,,,:/home/ann:/bin/bash\n';
const SHADOW = 'root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nann:$6$a$b:19000:0:99999:7::12345:\n';

describe('who can log in', () => {
  it('lists people, and how a password lets them in', () => {
    expect(parseUsers(PASSWD, SHADOW)).toEqual([
      { name: 'root', uid: 0, home: '/root', password: 'locked' },
      { name: 'ann', uid: 1000, home: '/home/ann', password: 'set' },
    ]);
    expect(parseUsers('root::0:0::/root:/bin/sh\n', null)[0]?.password).toBe('none');
    expect(parseUsers('a b:x:0:0::/:/bin/sh\n\0\n::::\nx:y\n', 'junk')).toEqual([]);
  });

  it('changes one line of shadow, unlocks the account and leaves the rest to the byte', () => {
    const after = withPassword({ passwd: PASSWD, shadow: SHADOW }, 'ann', '$6$new$hash', 20_000);
    expect(after.passwd).toBe(PASSWD);
    expect(after.shadow).toBe(
      SHADOW.replace('ann:$6$a$b:19000:0:99999:7::12345:', 'ann:$6$new$hash:20000:0:99999:7:::'),
    );
    expect(loginFiles({ passwd: PASSWD, shadow: SHADOW }, after).map(({ path }) => path)).toEqual(['/etc/shadow']);
  });

  it('writes into passwd where there is no shadow, and adds a line that is missing', () => {
    expect(withPassword({ passwd: PASSWD, shadow: null }, 'root', 'H', 1).passwd).toContain('root:H:0:0');
    const added = withPassword({ passwd: PASSWD, shadow: 'ann:*:1' }, 'root', 'H', 7).shadow;
    expect(added).toBe('ann:*:1\nroot:H:7:0:99999:7:::\n');
    expect(() => withPassword({ passwd: PASSWD, shadow: SHADOW }, 'bob', 'H', 1)).toThrow(
      expect.objectContaining({ code: 'not-found', hint: 'There are: root, ann.' }),
    );
  });

  it('adds a key once, and refuses what is none', () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ0 me@here';
    const once = addKeyLine('# mine', `${key}\n`);
    expect(once).toBe(`# mine\n${key}\n`);
    expect(addKeyLine(once, key)).toBe(once);
    for (const bad of ['', 'hello', 'ssh-rsa', `${key}\nssh-ed25519 AAAA`, '-----BEGIN OPENSSH PRIVATE KEY-----'])
      expect(() => addKeyLine('', bad)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});

describe('what a device holds', () => {
  const bytes = (at: number, magic: string | number[]) => {
    const all = Buffer.alloc(33 * 4096);
    Buffer.from(magic as string, 'latin1').copy(all, at);
    return all;
  };

  it('knows file systems by their place and magic', () => {
    const ext = bytes(0x438, [0x53, 0xef] as never);
    Buffer.from('0123456789abcdef0123456789abcdef', 'hex').copy(ext, 0x468);
    ext.write('root', 0x478);
    expect(heldBy(ext)).toEqual({ type: 'ext4', label: 'root', uuid: '01234567-89ab-cdef-0123-456789abcdef' });
    expect(heldBy(bytes(0, 'XFSB'))?.type).toBe('xfs');
    expect(heldBy(bytes(0x10040, '_BHRfS_M'))?.type).toBe('btrfs');
    expect(heldBy(bytes(3, 'NTFS    '))?.type).toBe('ntfs');
    expect(heldBy(bytes(512, 'LABELONE'))?.type).toBe('lvm');
    expect(heldBy(bytes(0, 'LUKS\xba\xbe'))?.type).toBe('luks');
    expect(whyClosed('luks')).toContain('encrypted');
    expect(whyClosed('ext4')).toBeNull();
  });

  it('says nothing of what is cut off or not known', () => {
    expect(heldBy(Buffer.alloc(0))).toBeNull();
    expect(heldBy(Buffer.alloc(600, 0xff))).toBeNull();
  });

  it('takes devices by the names its own kernel gives, and nothing else', () => {
    const text = 'vda 100 - root\nvda2 10 vda root\nvda10 20 vda root\n../x 1 - y\nvdb x - z\n';
    expect(parseDevices(text).map(({ device }) => device)).toEqual(['vda', 'vda2', 'vda10']);
  });

  it('begins at a system, else at the largest, else where one wishes', () => {
    const one = (device: string, sizeBytes: number, system: string | null, opened = true) =>
      ({ device, disk: 'root', sizeBytes, type: 'ext4', label: null, uuid: null, system, opened, note: null }) as const;
    expect(chooseRoot([one('vda1', 9, null), one('vda2', 1, 'Debian')], null)).toBe('vda2');
    expect(chooseRoot([one('vda1', 1, null), one('vda2', 9, null)], null)).toBe('vda2');
    expect(chooseRoot([one('vda1', 1, null, false)], null)).toBeNull();
    expect(chooseRoot([one('vda1', 1, null), one('vda2', 9, 'Debian')], 'vda1')).toBe('vda1');
    expect(() => chooseRoot([one('vda1', 1, null)], 'vdb')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => chooseRoot([one('vda1', 1, null, false)], 'vda1')).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    );
  });
});

describe('what a system expects where', () => {
  it('reads fstab, parents first', () => {
    const text = '# c\nUUID=a /boot/efi vfat d 0 1\nUUID=b /\\040x ext4\nLABEL=c /boot ext4\nproc none proc\n\0\n';
    expect(parseFstab(text).map(({ path }) => path)).toEqual(['/ x', '/boot', '/boot/efi']);
  });

  it('knows which is meant', () => {
    const one = { device: 'vda2', disk: 'vg-ro--ot', uuid: 'ABCD-0001', label: 'boot' };
    const meant = (source: string) => means({ source, path: '/x' }, one);
    expect(['UUID=abcd-0001', 'LABEL=boot', '/dev/sda2', '/dev/nvme0n1p2', '/dev/vda2'].map(meant)).toEqual(
      Array(5).fill(true),
    );
    expect(['/dev/mapper/vg-ro--ot', '/dev/vg/ro-ot'].map(meant)).toEqual([true, true]);
    expect(['UUID=x', 'LABEL=', '/dev/sda3', '/dev/vg/root', 'tmpfs'].map(meant)).toEqual(Array(5).fill(false));
  });

  it('is named as it names itself, without what could steer a terminal', () => {
    expect(systemName('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12"\n')).toBe('Debian GNU/Linux 12');
    expect(systemName("PRETTY_NAME='a\u001b[31m'\n")).toBe('a [31m');
    expect(systemName('')).toBeNull();
  });
});

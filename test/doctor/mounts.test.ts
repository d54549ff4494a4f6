import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileSystemOf } from '../../src/doctor/file-systems.ts';
import { mountOf } from '../../src/doctor/mounts.ts';

const mountinfo = [
  '21 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '35 21 0:40 / /data rw,relatime shared:9 master:2 - nfs4 nas:/export rw,vers=4.2',
  '36 35 0:41 / /data/my\\040photos ro,relatime - fuse.sshfs a@b:/x rw',
  '37 35 0:42 / /data/card rw - exfat /dev/sdb1 ro',
  '38 35 0:43 / /data/card rw - tmpfs tmpfs rw',
].join('\n');

test('a path lies on the deepest mount above it, and of two at one place on the later one', () => {
  const typeAt = (path: string) => mountOf(path, mountinfo)?.type;
  expect(typeAt('/data')).toBe('nfs4');
  expect(typeAt('/data/ffhq/images')).toBe('nfs4');
  expect(typeAt('/database')).toBe('ext4');
  expect(typeAt('/data/my photos/x')).toBe('fuse.sshfs');
  expect(typeAt('/data/card')).toBe('tmpfs');
});

test('a mount that can only be read is known by itself or by its file system', () => {
  expect(mountOf('/data/my photos', mountinfo)?.isReadOnly).toBe(true);
  expect(mountOf('/data/card', mountinfo.split('\n').slice(0, 4).join('\n'))?.isReadOnly).toBe(true);
  expect(mountOf('/data', mountinfo)?.isReadOnly).toBe(false);
});

test('any text is read without an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      mountOf('/data', `${text}\n${mountinfo}`);
      mountOf('/data', text);
    }),
  );
});

test('what follows is known of shares, memory, cards and containers, whoever mounts them', () => {
  const status = (type: string) => fileSystemOf(type)?.status;
  expect(['ext4', 'xfs', 'btrfs', 'zfs', 'fuseblk', 'constructor'].map(fileSystemOf)).toEqual(
    Array(6).fill(undefined),
  );
  expect(['nfs', 'nfs4'].map(status)).toEqual(['ok', 'ok']);
  expect(['cifs', 'fuse.sshfs', 'fuse.exfat', 'tmpfs', 'overlay', 'msdos'].map(status)).toEqual(
    Array(6).fill('note'),
  );
  expect(status('squashfs')).toBe('problem');
});

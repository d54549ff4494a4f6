import { expect, test } from 'vitest';
import { errorCode, fileFault, folderFault } from '../../../src/domain/failure/file-system-fault.ts';

function said(code: string, syscall: string, path?: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code, syscall, path });
}

const picture = '/out/images1024x1024/00000/00003.png';
const partial = `${picture}.w1-0a0a0a0a-0b0b0b0b-1-1-0.ffhq-part`;

test.each([
  ['a sector that cannot be read', said('EIO', 'read'), 'unreadable'],
  ['a sector that cannot be written', said('EIO', 'fsync'), 'disk-fault'],
  ['a picture of somebody else', said('EACCES', 'open', picture), 'no-permission'],
  ['a folder of somebody else', said('EACCES', 'open', partial), 'not-writable'],
  ['an immutable picture in the way', said('EPERM', 'rename', partial), 'no-permission'],
  ['a read-only file system', said('EROFS', 'open', partial), 'not-writable'],
  ['a name too long', said('ENAMETOOLONG', 'open', partial), 'unusable-name'],
  ['a character that FAT does not have', said('EINVAL', 'open', partial), 'unusable-name'],
  ['4 GiB on FAT', said('EFBIG', 'write'), 'file-too-large'],
  ['links in a circle', said('ELOOP', 'open', picture), 'unsafe-path'],
  ['a folder in the way', said('EISDIR', 'rename', partial), 'unsafe-path'],
  ['a full disk', said('ENOSPC', 'write'), 'disk-full'],
  ['no file handles', said('EMFILE', 'open', picture), 'machine-short'],
  ['no memory', said('ENOMEM', 'read'), 'machine-short'],
  ['what nobody has thought of', said('ETXTBSY', 'open', picture), 'file-system'],
])('%s is the fault of what it is a fault of', (_what, error, reason) => {
  expect(fileFault(error)).toBe(reason);
});

test('an error that is not of the file system is nothing of the kind', () => {
  expect(fileFault(new Error('a defect'))).toBeUndefined();
  expect(
    fileFault(Object.assign(new Error('of Node.js'), { code: 'ERR_INVALID_ARG_VALUE' })),
  ).toBeUndefined();
});

test('words that Node.js has only as a number are known: a share gone stale, a quota used up', () => {
  const stale = said('Unknown system error -116', 'lstat');
  expect(errorCode(stale)).toBe('ESTALE');
  expect(folderFault(stale)).toBe('not-mounted');
  expect(folderFault(said('Unknown system error -122', 'write'))).toBe('disk-full');
});

import { PARTIAL_SUFFIX } from '../dataset/layout.ts';
import { type FileSystemReason, type StoreFailureReason, storeReasons } from './reasons.ts';

/*
 * What the operating system says, and whose fault that is: a file's, or the whole folder's (and its machine's). The same
 * word means different things by what was tried, so the table has a column for each:
 *
 *   look     to open, read or look at a file that is there
 *   create   to make a new name beside it
 *   write    to put bytes down, or sync them
 *   replace  to rename over it, or remove it
 *   folder   anything with the folder itself, or with the project's records
 *
 * A word that is not here is nobody's for certain: in a file's hands it counts as that file's fault, so that it ends
 * after its attempts; elsewhere Temporal tries again.
 */

type Operation = 'look' | 'create' | 'write' | 'replace' | 'folder';
type Reason = FileSystemReason | StoreFailureReason;
type Row = Readonly<Partial<Record<Operation, Reason>>>;

const everywhere = (reason: Reason): Row => ({
  look: reason,
  create: reason,
  write: reason,
  replace: reason,
  folder: reason,
});

// A bad sector spoils one file; a disk that takes no bytes any more spoils all of them.
const damaged: Row = { ...everywhere('disk-fault'), look: 'unreadable' };

// A share that went away under a running worker. At one file only a look at the folder tells: see `unreadable`.
const away: Row = { ...everywhere('not-mounted'), look: 'unreadable' };

const badName: Row = { look: 'unusable-name', create: 'unusable-name', replace: 'unusable-name' };
const oddFile: Row = { look: 'unsafe-path', replace: 'unsafe-path' };

const table: Readonly<Record<string, Row>> = {
  ENOSPC: everywhere('disk-full'),
  EDQUOT: everywhere('disk-full'),
  EROFS: everywhere('not-writable'),
  EACCES: { ...everywhere('not-writable'), look: 'no-permission' },
  // A name was made beside it a moment before, so the folder is writable: this one file is immutable, or somebody else's.
  EPERM: {
    ...everywhere('not-writable'),
    look: 'no-permission',
    write: 'no-permission',
    replace: 'no-permission',
  },
  EIO: damaged,
  EREMOTEIO: damaged,
  EUCLEAN: damaged,
  EBADMSG: damaged,
  ESTALE: away,
  ENODEV: away,
  ENOTCONN: away,
  EHOSTDOWN: away,
  ESHUTDOWN: away,
  ETIMEDOUT: away,
  EMFILE: everywhere('machine-short'),
  ENFILE: everywhere('machine-short'),
  ENOMEM: everywhere('machine-short'),
  EAGAIN: everywhere('machine-short'),
  ENOBUFS: everywhere('machine-short'),
  ENAMETOOLONG: badName,
  EILSEQ: badName,
  EINVAL: { create: 'unusable-name', replace: 'unusable-name' },
  EFBIG: { create: 'file-too-large', write: 'file-too-large' },
  EISDIR: { ...oddFile, folder: 'unsafe-folder' },
  ELOOP: { ...oddFile, folder: 'unsafe-folder' },
  ENOTDIR: { ...oddFile, folder: 'unsafe-folder' },
  ENOTEMPTY: oddFile,
  ENXIO: { ...oddFile, folder: 'not-mounted' },
};

/** System calls by what they try; `open` and all others look. */
const operations: Readonly<Record<string, Operation>> = {
  mkdir: 'folder',
  scandir: 'folder',
  opendir: 'folder',
  statfs: 'folder',
  link: 'create',
  copyfile: 'create',
  write: 'write',
  writev: 'write',
  fsync: 'write',
  fdatasync: 'write',
  ftruncate: 'write',
  close: 'write',
  rename: 'replace',
  unlink: 'replace',
  rm: 'replace',
};

/** Words that Node.js has only as a number, on Linux and on macOS. */
const unnamed: Readonly<Record<string, string>> = {
  '-74': 'EBADMSG',
  '-116': 'ESTALE',
  '-117': 'EUCLEAN',
  '-122': 'EDQUOT',
  '-69': 'EDQUOT',
  '-70': 'ESTALE',
};

/** `code` of a Node.js system error, by its name where Node.js does not know that. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  if (typeof code !== 'string') return undefined;
  const [, number] = /^Unknown system error (-\d+)$/.exec(code) ?? [];
  return (number !== undefined && unnamed[number]) || code;
}

/** What an error that was met with the folder itself says of it; undefined: nothing special. */
export function folderFault(error: unknown): StoreFailureReason | undefined {
  const reason = table[errorCode(error) ?? '']?.folder;
  return reason !== undefined && isOfFolder(reason) ? reason : undefined;
}

/** What an error that was met with one file says; undefined: it is no error of the file system. */
export function fileFault(error: unknown): Reason | undefined {
  const code = errorCode(error);
  if (code === undefined || !(error instanceof Error && 'syscall' in error)) return undefined;
  return table[code]?.[operationOf(error)] ?? 'file-system';
}

export function isOfFolder(reason: Reason): reason is StoreFailureReason {
  return reason in storeReasons;
}

/** Partial files are new; whatever else is opened was there before. */
function operationOf({ syscall, path }: { readonly syscall?: unknown; readonly path?: unknown }): Operation {
  if (syscall === 'open' && typeof path === 'string' && path.endsWith(PARTIAL_SUFFIX)) return 'create';
  return operations[String(syscall)] ?? 'look';
}

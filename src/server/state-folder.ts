import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { refused } from '../domain/failure/command-failure.ts';
import { hostId } from '../process/process-ref.ts';
import { forgetBeginning } from './unfinished-database.ts';

/** What decides where the embedded server's files lie on this machine. */
export interface Machine {
  readonly hostId: string;
  /** `f_type` of the file system that the path lies on; undefined where it is not known. */
  readonly fileSystemOf: (path: string) => number | undefined;
  /** A folder on local disk that everybody may write to and that outlives a boot. */
  readonly localFolder: string;
}

export const thisMachine: Machine = {
  hostId: hostId(),
  // Elsewhere the numbers mean other things, or nothing.
  fileSystemOf: (path) => (process.platform === 'linux' ? statfsSync(path).type : undefined),
  localFolder: '/var/tmp',
};

/**
 * File systems of which the same file may be open on several hosts, or whose locks and shared memory are not the
 * kernel's own: SQLite's write-ahead log is not safe there. The last two know no sockets and no links, which the lock
 * needs. Numbers: `include/uapi/linux/magic.h` of the Linux kernel, where no other place is named.
 */
const unfitFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'], // NFS_SUPER_MAGIC
  [0x517b, 'SMB'], // SMB_SUPER_MAGIC
  [0xff534d42, 'CIFS'], // CIFS_SUPER_MAGIC
  [0xfe534d42, 'SMB'], // SMB2_SUPER_MAGIC
  [0x01021997, '9p'], // V9FS_MAGIC; also Windows drives in WSL
  [0x65735546, 'FUSE'], // FUSE_SUPER_MAGIC; sshfs, rclone, virtiofs and others
  [0x00c36400, 'Ceph'], // CEPH_SUPER_MAGIC
  [0x73757245, 'Coda'], // CODA_SUPER_MAGIC
  [0x5346414f, 'AFS'], // AFS_SUPER_MAGIC
  [0x6b414653, 'AFS'], // AFS_FS_MAGIC
  [0x564c, 'NCP'], // NCP_SUPER_MAGIC
  [0x7461636f, 'OCFS2'], // OCFS2_SUPER_MAGIC
  [0x786f4256, 'a VirtualBox folder'], // VBOXSF_SUPER_MAGIC, fs/vboxsf/super.c
  [0x01161970, 'GFS2'], // GFS2_MAGIC, include/uapi/linux/gfs2_ondisk.h
  [0x0bd00bd0, 'Lustre'], // LL_SUPER_MAGIC, lustre_user.h; S_MAGIC_LUSTRE in GNU coreutils, src/stat.c
  [0x47504653, 'GPFS'], // S_MAGIC_GPFS in GNU coreutils, src/stat.c
  [0xbacbacbc, 'a VMware folder'], // S_MAGIC_VMHGFS in GNU coreutils, src/stat.c
  [0x4d44, 'FAT'], // MSDOS_SUPER_MAGIC
  [0x2011bab0, 'exFAT'], // EXFAT_SUPER_MAGIC
]);

/** A folder of this host for the embedded server, and why it is not the one that was asked for, if it is not. */
export interface HostFolder {
  readonly folder: string;
  /** Words for the file system on which it would have lain. */
  readonly unfit: string | undefined;
}

/** The folder for this host below a state folder, or on local disk where the state folder's file system is unfit. */
export function hostFolderOf(stateDir: string, machine: Machine): HostFolder {
  const unfit = unfitFileSystem(stateDir, machine);
  if (unfit === undefined) return { folder: join(stateDir, `host-${machine.hostId}`), unfit };
  const name = createHash('sha256').update(stateDir).digest('hex').slice(0, 12);
  return { folder: join(privateFolder(machine), `${name}-${machine.hostId}`), unfit };
}

/** Makes the folder, for its user alone. Throws a refusal where somebody else could reach into it. */
export function makeHostFolder({ folder, unfit }: HostFolder, machine: Machine): void {
  if (unfit !== undefined) demandPrivate(machine);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  demandOwn(folder);
}

/**
 * What lies in the state folder names processes to end and programs to run: it is believed only where nobody but this
 * user can have written it. A folder that is not there holds nothing to believe. Throws a refusal.
 */
export function demandOwnState(stateDir: string, { folder, unfit }: HostFolder): void {
  demandOwn(stateDir);
  if (unfit !== undefined) demandOwn(dirname(folder));
  demandOwn(folder);
}

function demandOwn(folder: string): void {
  // The user may have put it elsewhere by a link.
  const seen = statSync(folder, { throwIfNoEntry: false });
  if (seen === undefined || process.geteuid === undefined) return;
  const mode = seen.mode & 0o777;
  if (seen.isDirectory() && seen.uid === process.geteuid() && (mode & 0o022) === 0) return;
  const got = seen.isDirectory() ? `one of user ${seen.uid} with mode ${mode.toString(8)}` : 'something else';
  const remedy =
    seen.uid === process.geteuid() ? `chmod go-w ${folder}, once you trust what is in it, or ` : '';
  throw refused(
    `state folder [${folder}]: expected one that only user ${process.geteuid()} can write to, got ${got}; ` +
      `${remedy}name another with XDG_STATE_HOME`,
  );
}

function unfitFileSystem(path: string, machine: Machine): string | undefined {
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const type = machine.fileSystemOf(there);
  // A 32-bit number with its highest bit set may come as a negative one.
  return type === undefined ? undefined : unfitFileSystems.get(type >>> 0);
}

function privateFolder({ localFolder }: Machine): string {
  return join(localFolder, `ffhq-${process.getuid?.() ?? 'user'}`);
}

/** Everybody may make a folder of that name beside ours, before us. */
function demandPrivate(machine: Machine): void {
  const folder = privateFolder(machine);
  const elsewhere = 'name a state folder on local disk with XDG_STATE_HOME';
  const unfit = unfitFileSystem(folder, machine);
  if (unfit !== undefined) {
    throw refused(`folder [${folder}]: expected it on local disk, got ${unfit}; ${elsewhere}`);
  }
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw refused(
        `folder [${folder}]: expected that it can be made, got ${(error as Error).message}; ${elsewhere}`,
      );
    }
  }
  const seen = lstatSync(folder);
  const isOurs = process.getuid === undefined || seen.uid === process.getuid();
  if (seen.isDirectory() && isOurs && (seen.mode & 0o777) === 0o700) return;
  const got = seen.isDirectory()
    ? `one of user ${seen.uid} with mode ${(seen.mode & 0o777).toString(8)}`
    : 'something else';
  throw refused(`folder [${folder}]: expected one of this user with mode 700, got ${got}; ${elsewhere}`);
}

/**
 * Takes over the databases that an older version kept in the state folder itself, where no server of it can still be
 * running: it removed `server.json` when it stopped its server. The database goes last, so that it is never without its
 * log.
 */
export function adoptOlderDatabases(stateDir: string, folder: string): void {
  if (existsSync(join(stateDir, 'server.json')) || existsSync(join(stateDir, 'server.lock'))) return;
  for (const name of namesIn(stateDir).filter((file) => /^temporal-.+\.db$/.test(file))) {
    if (existsSync(join(folder, name))) continue;
    forgetBeginning(join(folder, name));
    for (const part of [`${name}-wal`, `${name}-shm`, name]) {
      try {
        renameSync(join(stateDir, part), join(folder, part));
      } catch {
        // Not there, or another command was faster, or another disk: a run goes on from the dataset's folder then.
      }
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

import type { Verdict } from './finding.ts';

/** What follows for a dataset from the file system that it lies on. */
export interface FileSystem {
  readonly status: Verdict;
  readonly words: string;
  readonly todo?: string;
  /** Bytes of its largest file, where FFHQ has larger ones. */
  readonly largestFile?: number;
}

const share: FileSystem = {
  status: 'ok',
  words: 'a network share: other hosts that mount it can run workers too; while it is away, a run waits',
};

/** Numbers of files are made up anew at each mount. */
const passing = 'a copy of this folder cannot be told from it';

const shareInUserSpace: FileSystem = { status: 'note', words: `a network share; ${passing}` };

const memory: FileSystem = {
  status: 'note',
  words: 'lies in memory: everything is lost at the next boot',
  todo: 'give a folder on a disk with --out',
};

const readOnly: FileSystem = {
  status: 'problem',
  words: 'can only be read',
  todo: 'give a folder on another file system with --out',
};

/** By the names that Linux has for them; of others nothing is known that matters. */
const fileSystems: ReadonlyMap<string, FileSystem> = new Map(
  Object.entries({
    nfs: share,
    nfs4: share,
    ceph: share,
    lustre: share,
    gpfs: share,
    afs: share,
    gfs2: share,
    ocfs2: share,
    cifs: shareInUserSpace,
    smb3: shareInUserSpace,
    '9p': shareInUserSpace,
    virtiofs: shareInUserSpace,
    vboxsf: shareInUserSpace,
    fuse: shareInUserSpace,
    tmpfs: memory,
    ramfs: memory,
    overlay: {
      status: 'note',
      words: "a container's own layer: it goes with the container",
      todo: 'give a volume or a folder of the host with --out, if this is a container',
    },
    vfat: {
      status: 'note',
      words: `FAT: no file over 4 GiB, so not all TFRecords and archives; ${passing}`,
      todo: 'give a folder on ext4, XFS, APFS, NTFS or exFAT with --out for --tfrecords and --zips',
      largestFile: 4 * 1024 ** 3 - 1,
    },
    exfat: { status: 'note', words: `exFAT: no owners and modes of files; ${passing}` },
    squashfs: readOnly,
    iso9660: readOnly,
    erofs: readOnly,
  }),
);

const otherNames: ReadonlyMap<string, string> = new Map([
  ['msdos', 'vfat'],
  ['smbfs', 'cifs'],
  ['fuse.exfat', 'exfat'],
]);

/** Undefined: nothing to know of it. */
export function fileSystemOf(type: string): FileSystem | undefined {
  const name = otherNames.get(type) ?? type;
  // sshfs, rclone, s3fs and the like; NTFS by a block device (`fuseblk`) is as good as any disk.
  return fileSystems.get(name) ?? (name.startsWith('fuse.') ? shareInUserSpace : undefined);
}

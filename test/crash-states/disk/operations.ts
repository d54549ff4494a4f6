/** What was done to files and folders below a root, step by step. */

/** A file or folder whatever its name; numbers are given in the order in which they came up. The root is 0. */
export type Inode = number;
export const ROOT: Inode = 0;

/** A name in a folder. */
export interface Entry {
  readonly folder: Inode;
  readonly name: string;
}

/** Changes of a folder: kept by syncing it. `inode` gets or loses the name; a file that had it before is replaced. */
export type NameOperation =
  | {
      readonly kind: 'create' | 'mkdir' | 'link' | 'unlink' | 'rmdir';
      readonly at: Entry;
      readonly inode: Inode;
    }
  | { readonly kind: 'rename'; readonly from: Entry; readonly at: Entry; readonly inode: Inode };

/** Changes of a file: kept by syncing it. */
export type DataOperation =
  | { readonly kind: 'write'; readonly inode: Inode; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly inode: Inode; readonly size: number };

export interface SyncOperation {
  readonly kind: 'sync';
  readonly inode: Inode;
}

export type Operation = (NameOperation | DataOperation | SyncOperation) & {
  /** Seconds since the epoch. */
  readonly time: number;
  /** For people. */
  readonly path: string;
};

export function isData(operation: Operation): operation is DataOperation & Operation {
  return operation.kind === 'write' || operation.kind === 'truncate';
}

export function isName(operation: Operation): operation is NameOperation & Operation {
  return !isData(operation) && operation.kind !== 'sync';
}

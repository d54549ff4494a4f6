import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ownedPartial,
  parsePartialName,
  releasedPartial,
  releasedPartials,
} from '../../domain/dataset/partial-name.ts';
import { fileName, folderName } from '../../domain/dataset/plain-path.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { addSwept, type Swept } from '../../domain/run/progress.ts';
import { createAnew, isOfUs } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { lstatIfThere } from '../store/file-info.ts';
import type { WriterFate, WriterProcess } from '../store/writer.ts';
import { copyPartial } from './copy-partial.ts';
import { type ListedFolders, partialsOf } from './folder-survey.ts';

/*
 * Partial files that earlier attempts left. Taking one over is an atomic rename to the taker's own name, so only one
 * attempt gets it. One is taken, or removed once its target is stored, only when its writer cannot write any more: a
 * dead process of this host, or an ended attempt of this very process. For a writer on another host, or in a container
 * that is no more, there is no such proof; it counts as gone after STALE_MS without a write, and it looks before a write
 * whether its name still leads to its file, in case it was only asleep. That there was no proof stays in the file's name. What
 * a writer that may live has written so far
 * serves another attempt as a copy, and the digest judges the whole.
 */

/** Several heartbeat timeouts: the server has long given the attempt up. By the file system's own clock. */
const STALE_MS = 5 * 60_000;
const STALE_NS = BigInt(STALE_MS) * 1_000_000n;

/** `doubtful`: of a writer that may live, and wrote less than {@link STALE_MS} ago. */
type Standing = 'free' | 'doubtful' | 'held';

interface LeftPartial {
  readonly name: string;
  readonly size: number;
  readonly standing: Standing;
  /** Nobody else can have put it there, nor has it another name. */
  readonly isOurs: boolean;
  /** All its writers are known to be gone. */
  readonly isSure: boolean;
  /** Written to less than {@link STALE_MS} ago. */
  readonly isFresh: boolean;
}

/**
 * What to do about a partial file whose writer may live: leave it be, wait until it is free or nobody has written to it for
 * long, or go on with a copy.
 */
export type WhileHeld = 'leave' | 'wait' | 'copy';

export interface TakingOver {
  readonly whileHeld: WhileHeld;
  /** Of the file that is to come: what is larger is no part of it, whoever left it. */
  readonly most: number;
  /** Throws where so many bytes more would not fit. */
  readonly checkSpace: (bytes: number) => Promise<void>;
}

/** Names of the taker's own, for what surely nobody else writes to and for the rest. */
export interface OwnPaths {
  readonly sure: string;
  readonly unsure: string;
}

/**
 * Brings the largest partial file under a name of the taker's own: one that is free by its own name, one whose writer may
 * live as `whileHeld` says. `taken`: the path that it has now. `heldBytes`: the size of the one to wait for.
 */
export async function takeOver(
  folder: string,
  names: readonly string[],
  own: OwnPaths,
  me: WriterProcess,
  { whileHeld, most, checkSpace }: TakingOver,
): Promise<{ readonly taken?: string; readonly heldBytes?: number }> {
  const all = await lookAt(folder, names, own.sure, me);
  const left = all.filter(({ isOurs, size }) => isOurs && size <= most).sort(bySize);
  for (const { name, size, standing, isFresh, isSure } of left) {
    const from = join(folder, name);
    if (standing === 'free') {
      const taken = isSure ? own.sure : own.unsure;
      if (await renameIfAllowed(from, taken)) return { taken };
    } else if (size > 0) {
      if (whileHeld === 'wait' && isFresh) return { heldBytes: size };
      if (whileHeld !== 'copy') continue;
      await checkSpace(size);
      // Nobody else has ever opened the copy.
      if (await copyPartial(from, own.sure, size)) return { taken: own.sure };
    }
  }
  return {};
}

/** What became of whoever wrote a partial file; one that was let go of has no writer any more. */
export function fateOfWriter(name: string, me: WriterProcess): WriterFate {
  const writer = parsePartialName(name)?.writer;
  return writer === undefined ? 'gone' : me.fateOf(writer);
}

/** The largest first, and of equal ones those that are free. */
function bySize(a: LeftPartial, b: LeftPartial): number {
  return b.size - a.size || Number(b.standing === 'free') - Number(a.standing === 'free');
}

/** Removes what no living writer holds: for targets that are stored. `names`: what a survey has for the target. */
export async function sweepPartials(
  folder: string,
  target: string,
  names: readonly string[],
  me: WriterProcess,
): Promise<Swept | undefined> {
  if (names.length === 0) return undefined;
  const writer = me.beginAttempt();
  try {
    // An attempt that was seen writing may have put its bytes down since.
    const all = [...new Set([...names, ...releasedPartials(target)])];
    const left = await lookAt(folder, all, join(folder, ownedPartial(target, writer)), me);
    let swept: Swept | undefined;
    for (const { name, size, standing } of left) {
      if (standing !== 'free') continue;
      // What cannot be removed is no fault of the file that is there.
      const isGone = await removeFile(join(folder, name)).then(
        () => true,
        () => false,
      );
      if (isGone) swept = addSwept(swept, { files: 1, bytes: size });
    }
    return swept;
  } finally {
    me.endAttempt(writer);
  }
}

/** The same for a file by its path relative to OUT, in folders that were listed; without a sweeper nothing is touched. */
export async function sweepBeside(
  folders: ListedFolders,
  path: string,
  sweeper: WriterProcess | undefined,
): Promise<Swept | undefined> {
  const folder = folders.get(folderName(path));
  if (!folder?.isHeld || sweeper === undefined) return undefined;
  const target = fileName(path);
  return sweepPartials(folder.path, target, partialsOf(folder, target), sweeper);
}

/** Size of the largest that a file of `most` bytes may go on from, sooner or later, whoever holds it now. */
export async function largestPartial(
  folder: string,
  names: readonly string[],
  most: number,
  mayBeUsed: (name: string) => boolean = () => true,
): Promise<number> {
  let largest = 0;
  for (const name of names.filter(mayBeUsed)) {
    const info = await lstatIfThere(join(folder, name));
    if (info?.isFile() && info.size <= most) largest = Math.max(largest, Number(info.size));
  }
  return largest;
}

export async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Puts a file out of its place to where whoever goes on finds it. False: it stays, because it has another name too, or may not be
 * touched.
 */
export async function putBeside(folder: string, target: string): Promise<boolean> {
  const from = join(folder, target);
  const info = await lstatIfThere(from);
  if (!info?.isFile() || info.nlink > 1n || !(await isOfUs(Number(info.uid), folder))) return false;
  return renameIfAllowed(from, join(folder, releasedPartial(target)));
}

/** One that may not be touched is let be: the file begins anew. */
async function renameIfAllowed(from: string, to: string): Promise<boolean> {
  try {
    return await renameIfThere(from, to);
  } catch (error) {
    if (!isBarred(error)) throw error;
    return false;
  }
}

/** May it not be touched, or does the disk not give it back? */
export function isBarred(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EIO'].includes(errorCode(error) ?? '');
}

/** `own`: a name that nobody else uses; nothing is left there. */
async function lookAt(
  folder: string,
  names: readonly string[],
  own: string,
  me: WriterProcess,
): Promise<LeftPartial[]> {
  const left: LeftPartial[] = [];
  let now: bigint | undefined;
  for (const name of names) {
    const info = await lstatIfThere(join(folder, name));
    if (!info?.isFile()) continue;
    const fate = fateOfWriter(name, me);
    let isFresh = false;
    if (fate !== 'gone') {
      now ??= await fileSystemNow(own);
      // A time to come is none that a writer gives.
      const age = now - info.mtimeNs;
      isFresh = age < STALE_NS && age > -STALE_NS;
    }
    const standing = fate === 'alive' ? 'held' : isFresh ? 'doubtful' : 'free';
    const isOurs = info.nlink <= 1n && (await isOfUs(Number(info.uid), folder));
    const isSure = fate === 'gone' && parsePartialName(name)?.isSure === true;
    left.push({ name, size: Number(info.size), standing, isFresh, isOurs, isSure });
  }
  return left;
}

/** Hosts' clocks differ; the file system's is the one that stamped the others. */
async function fileSystemNow(own: string): Promise<bigint> {
  const handle = await createAnew(own);
  try {
    return (await handle.stat({ bigint: true })).mtimeNs;
  } finally {
    await handle.close();
    await removeFile(own);
  }
}

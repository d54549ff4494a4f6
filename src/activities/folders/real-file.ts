/** How files of the dataset folder are opened: a link, a pipe or somebody else's file in their place has no effect. */

import { fstatSync, openSync, type Stats } from 'node:fs';
import { constants, type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { removeFile, removeFileSync } from './remove-file.ts';

/** A pipe opens at once, and is then seen for what it is. */
const PLAINLY = constants.O_NOFOLLOW | constants.O_NONBLOCK;

const READING = constants.O_RDONLY | PLAINLY;

/** A file to be read. Throws ELOOP where a link lies there, or anything that is no file. */
export async function openToRead(path: string): Promise<FileHandle> {
  const handle = await open(path, READING);
  return checked(handle, path, (info) => info.isFile() || info.isDirectory());
}

/** Bytes of what this program writes as a whole; the largest, a slice, has a few megabytes. */
const MOST_BYTES = 64 * 1024 ** 2;

/** Bytes of a mark: an id, an owner. It is parsed by every Activity, so that a larger one would cost all of them. */
export const MOST_MARK_BYTES = 64 * 1024;

/** The text of a file; as {@link readBytes}. */
export async function readText(path: string, most = MOST_BYTES): Promise<string> {
  return (await readBytes(path, most)).toString('utf8');
}

/** What is in a file. Throws ELOOP where it is none, or too large to be one of ours: it would only fill the memory. */
export async function readBytes(path: string, most = MOST_BYTES): Promise<Buffer> {
  const handle = await checked(
    await open(path, READING),
    path,
    (info) => info.isDirectory() || (info.isFile() && info.size <= most),
  );
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/**
 * A file that is there already, to be written to: ours, and of no other name, so that what is written lands here and
 * nowhere else. Throws ELOOP where it is not.
 */
export async function openToChange(path: string, how: 'append' | 'overwrite'): Promise<FileHandle> {
  const flags = how === 'append' ? constants.O_WRONLY | constants.O_APPEND : constants.O_RDWR;
  const handle = await open(path, flags | PLAINLY);
  return checked(handle, path, (info) => isAlone(info));
}

/** The same, where in addition nobody else can have made it. */
export async function openOwn(path: string): Promise<FileHandle> {
  const handle = await openToChange(path, 'overwrite');
  try {
    if (await isOfUs((await handle.stat()).uid, dirname(path))) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  throw misleading(path);
}

/** Is the owner of a file in a folder nobody who could mean harm? */
export async function isOfUs(uid: number, folder: string): Promise<boolean> {
  const me = process.geteuid?.() ?? uid;
  // The administrator needs no tricks; and where a share gives all files one owner, the folder has that one too.
  return uid === me || uid === 0 || uid === (await stat(folder)).uid;
}

/** A file of a name that nobody else uses: whatever lies there was put there to mislead, and goes. */
export async function createAnew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx+');
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    await removeFile(path);
    return await open(path, 'wx+');
  }
}

/** The same for a thread that waits for nobody. */
export function createAnewSync(path: string): number {
  try {
    return openSync(path, 'wx+');
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    removeFileSync(path);
    return openSync(path, 'wx+');
  }
}

/** To append to: the file that lies there, or a new one; what does not belong there goes. */
export async function openToAppend(path: string): Promise<FileHandle> {
  try {
    return await openToChange(path, 'append');
  } catch (error) {
    if (!isMisleading(error) && errorCode(error) !== 'ENOENT') throw error;
    return createAnew(path);
  }
}

/** As {@link openToRead}, for a thread that waits for nobody. */
export function openToReadSync(path: string): number {
  const descriptor = openSync(path, READING);
  if (fstatSync(descriptor).isFile()) return descriptor;
  throw misleading(path);
}

/** A link, another file's second name, or no file at all. */
export function isMisleading(error: unknown): boolean {
  return ['ELOOP', 'ENXIO', 'EMLINK'].includes(errorCode(error) ?? '');
}

function isAlone(info: Stats): boolean {
  return info.isFile() && info.nlink <= 1;
}

async function checked(
  handle: FileHandle,
  path: string,
  isRight: (info: Stats) => boolean,
): Promise<FileHandle> {
  try {
    if (isRight(await handle.stat())) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  throw misleading(path);
}

/** The system's word for what leads elsewhere. */
function misleading(path: string): Error {
  const message = `ELOOP: expected a file of its own, got something else, open '${path}'`;
  return Object.assign(new Error(message), { code: 'ELOOP', syscall: 'open', path });
}

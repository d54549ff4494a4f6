import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import {
  type SourceFailure,
  type SourceFailureReason,
  sourceFailure,
} from '../../../domain/failure/source-failure.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import type { Source } from '../contract/source.ts';
import { boundBody, wantedRange } from '../http/file-body.ts';
import { codeOf, readRange, reasonOf, throwIfMachineShort } from './read-range.ts';
import { folderOf } from './request.ts';

/**
 * A folder that holds the dataset's tree, only ever read. A symbolic link is followed as long as it stays within the
 * folder; what is not a regular file in the end is refused.
 */
export function makeLocalDir(request: SourceRequest): Source {
  const folder = folderOf(request);
  return {
    name: request.name,
    async open(file, range, signal) {
      signal.throwIfAborted();
      const wanted = wantedRange(file, range);
      if ('reason' in wanted) return { status: 'failed', failure: wanted };
      const found = await openWithin(folder, file);
      if ('reason' in found) return { status: 'failed', failure: found };
      const { handle, size } = found;
      const end = Math.min(wanted.end ?? size, size);
      const failure = signal.aborted ? undefined : sizeFailure(file, size, wanted.offset);
      if (signal.aborted || failure) {
        await handle.close();
        signal.throwIfAborted();
        if (failure) return { status: 'failed', failure };
      }
      const chunks = readRange(handle, file.path, wanted.offset, end, signal);
      const bytes = end - wanted.offset;
      return {
        status: 'opened',
        from: wanted.offset,
        body: boundBody(chunks, file, { from: wanted.offset, bytes }),
      };
    },
  };
}

async function openWithin(
  folder: string,
  file: FileSpec,
): Promise<{ readonly handle: FileHandle; readonly size: number } | SourceFailure> {
  const failed = (reason: SourceFailureReason, got: string) =>
    sourceFailure(reason, `open [file=${file.path} source=${folder}]: expected a regular file, got ${got}`);
  let root: string;
  try {
    root = await realpath(folder);
    if (!(await stat(root)).isDirectory()) return failed('source-not-mounted', 'no folder as the source');
  } catch (error) {
    return failed('source-not-mounted', `no source folder (${codeOf(error)})`);
  }
  const named = resolve(root, file.path);
  if (!isWithin(root, named)) return failed('unsafe-source-path', 'a path that leaves the source folder');
  let handle: FileHandle | undefined;
  try {
    const real = await realpath(named);
    if (!isWithin(root, real)) {
      return failed('unsafe-source-path', 'a symbolic link that leaves the source folder');
    }
    // Not blocking, so that a named pipe opens and is then seen as what it is.
    handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await handle.stat();
    const isThere = found.isFile() && isWithin(root, await placeOf(handle, named));
    if (isThere) return { handle, size: found.size };
    await handle.close();
    return failed(
      'unsafe-source-path',
      found.isFile() ? 'a file outside of the source folder' : 'something else',
    );
  } catch (error) {
    await handle?.close();
    throwIfMachineShort(error, file.path);
    return failed(reasonOf(codeOf(error)), codeOf(error));
  }
}

/** Where an open file lies: a folder on its way may have become a link since that was looked at. */
async function placeOf(handle: FileHandle, named: string): Promise<string> {
  if (process.platform === 'linux') {
    try {
      return await readlink(`/proc/self/fd/${handle.fd}`);
    } catch {
      // No /proc here: the next best.
    }
  }
  const real = await realpath(named);
  const [seen, opened] = await Promise.all([stat(real), handle.stat()]);
  return seen.dev === opened.dev && seen.ino === opened.ino ? real : '';
}

function sizeFailure(file: FileSpec, size: number, offset: number): SourceFailure | undefined {
  const got = `open [file=${file.path}]: expected ${file.size ?? `more than ${offset}`} bytes, got ${size}`;
  if (file.size !== undefined && size > file.size) return sourceFailure('oversized-body', got);
  if (file.size !== undefined && size < file.size) return sourceFailure('short-body', got);
  return offset > 0 && offset >= size ? sourceFailure('range-mismatch', got) : undefined;
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeOf, readRange, reasonOf, throwIfMachineShort } from '../local-dir/read-range.ts';
import { type Access, type ArchiveVersion, changedArchive, type Failed, failedArchive } from './access.ts';

/** An archive on a disk of this machine, opened anew for each read: it may be replaced at any time. */
export function localAccess(path: string): Access {
  const self = { name: basename(path) };
  return {
    place: path,
    name: self.name,
    async look(signal) {
      signal.throwIfAborted();
      const found = await opened(path, self);
      if ('failure' in found) return found;
      await found.handle.close();
      return { status: 'seen', version: found.version };
    },
    async read({ offset, end }, version, signal) {
      signal.throwIfAborted();
      const found = await opened(path, self);
      if ('failure' in found) return found;
      const { size, date } = found.version;
      if (signal.aborted || size !== version.size || date !== version.date) {
        await found.handle.close();
        signal.throwIfAborted();
        return changedArchive(self);
      }
      return { status: 'opened', body: readRange(found.handle, self.name, offset, end, signal) };
    },
  };
}

/** A symbolic link is followed: the user named it. What is no regular file is refused. */
async function opened(
  path: string,
  self: Pick<Access, 'name'>,
): Promise<{ readonly handle: FileHandle; readonly version: ArchiveVersion } | Failed> {
  let handle: FileHandle | undefined;
  try {
    // Not blocking, so that a named pipe opens and is then seen as what it is.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const seen = await handle.stat({ bigint: true });
    if (seen.isFile()) {
      const date = `${seen.mtimeNs} ${seen.dev}-${seen.ino}`;
      return { handle, version: { size: Number(seen.size), etag: '', date } };
    }
    await handle.close();
    return failedArchive('unsafe-source-path', self, 'expected a regular file, got something else');
  } catch (error) {
    await handle?.close();
    throwIfMachineShort(error, path);
    const code = codeOf(error);
    const reason = reasonOf(code);
    return failedArchive(
      reason === 'missing' ? 'source-not-mounted' : reason,
      self,
      `expected a file, got ${code}`,
    );
  }
}

import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { refused } from '../../../domain/failure/command-failure.ts';
import { printable } from '../../../domain/failure/printable.ts';

/** Of a list that somebody wrote: a hundred thousand lines, and all CAs that there are, are far below. */
const MOST_BYTES = 8 * 1024 ** 2;

/** The text of a file that a flag names; what is none is refused, and not waited for. */
export function readNamedFile(flag: string, path: string): string {
  const shown = printable(path, 200);
  try {
    // Not blocking, so that a named pipe opens and is then seen as what it is.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const info = fstatSync(file);
      if (!info.isFile()) throw refused(`flag [${flag}]: expected a file, got ${shown}, which is none`);
      if (info.size > MOST_BYTES)
        throw refused(
          `flag [${flag}]: expected a file of at most ${MOST_BYTES} bytes, got ${info.size} in ${shown}`,
        );
      const bytes = Buffer.alloc(info.size);
      let size = 0;
      while (size < bytes.length) {
        const read = readSync(file, bytes, size, bytes.length - size, null);
        if (read === 0) break;
        size += read;
      }
      return bytes.toString('utf8', 0, size);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw refused(`flag [${flag}]: expected a file that can be read, got ${shown} (${code})`);
  }
}

/** Does a name lead to a file? */
export function isFileThere(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Lines with anything in them; what follows `#` at the beginning of a line is a remark. */
export function linesOf(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

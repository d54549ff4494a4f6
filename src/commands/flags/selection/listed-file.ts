import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { refused } from '../../../domain/failure/command-failure.ts';

/** Of a list that somebody wrote: a hundred thousand lines are far below. */
const MOST_BYTES = 8 * 1024 ** 2;

/** The text of a list that a flag names. */
export function readListedFile(flag: string, path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const info = fstatSync(file);
      if (!info.isFile()) throw refused(`flag [${flag}]: expected a file, got ${path}, which is none`);
      if (info.size > MOST_BYTES)
        throw refused(
          `flag [${flag}]: expected a file of at most ${MOST_BYTES} bytes, got ${info.size} in ${path}`,
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
    throw refused(`flag [${flag}]: expected a file that can be read, got ${path} (${code})`);
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

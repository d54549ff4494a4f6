import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { refused } from '../../../domain/failure/command-failure.ts';
import { printable } from '../../../domain/failure/printable.ts';
import { MOST_COOKIE_FILE, parseCookieFile, SavedCookies } from '../../../domain/network/cookie-file.ts';

/**
 * Google's cookies out of a file that the user named. They are as good as a password, so the file must be this user's, and
 * nobody else's to read.
 *
 * @param said what named it, for messages: `flag [--cookies]`
 * @throws a refusal that repeats nothing of what is in the file
 */
export function readCookiesOfFile(path: string, said: string): SavedCookies {
  const shown = printable(path, 200);
  const fail = (problem: string) => refused(`${said}: ${problem} (${shown})`);
  const cookies = parseCookieFile(textOf(path, fail), Date.now());
  if (cookies instanceof SavedCookies) return cookies;
  throw fail(cookies.problem);
}

function textOf(path: string, fail: (problem: string) => Error): string {
  let descriptor: number;
  try {
    // It may be a link, as secrets of containers are. A pipe opens at once, and is then seen for what it is.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw fail(`expected a file that can be read, got ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    const info = fstatSync(descriptor);
    if (!info.isFile()) throw fail('expected a regular file, got something else');
    const me = process.geteuid?.() ?? info.uid;
    if (info.uid !== me) throw fail(`expected a file of this user, got one of user ${info.uid}`);
    if ((info.mode & 0o077) !== 0) {
      const mode = (info.mode & 0o777).toString(8);
      throw fail(`expected a file that nobody else may read (chmod 600), got mode ${mode}`);
    }
    if (info.size > MOST_COOKIE_FILE)
      throw fail(`expected at most ${MOST_COOKIE_FILE} bytes, got ${info.size}`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

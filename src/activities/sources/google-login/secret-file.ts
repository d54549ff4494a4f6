import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { printable } from '../../../domain/failure/printable.ts';

/** What a secret file holds, or why it serves nobody: "expected ..., got ...", which repeats nothing of it. */
export type SecretText =
  | { readonly status: 'read'; readonly text: string }
  | { readonly status: 'unusable'; readonly problem: string };

/**
 * Reads a file that nobody but its owner may read (0600).
 *
 * @param mostBytes a longer one is refused
 */
export async function readSecretFile(path: string, mostBytes: number): Promise<SecretText> {
  const unusable = (expected: string, got: string): SecretText => ({
    status: 'unusable',
    problem: `[file=${printable(path, 100)}]: expected ${expected}, got ${got}`,
  });
  try {
    // Secrets of containers are links. A pipe must hold up nobody.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const info = await handle.stat();
      if (!info.isFile()) return unusable('a regular file', 'something else');
      if (process.geteuid !== undefined && info.uid !== process.geteuid())
        return unusable('a file of this user', `one of user ${info.uid}`);
      if ((info.mode & 0o077) !== 0)
        return unusable(
          'a file that others may not read (chmod 600)',
          `mode ${(info.mode & 0o777).toString(8)}`,
        );
      if (info.size > mostBytes) return unusable(`at most ${mostBytes} bytes`, String(info.size));
      const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(mostBytes + 1) });
      if (bytesRead > mostBytes) return unusable(`at most ${mostBytes} bytes`, 'more');
      return { status: 'read', text: buffer.toString('utf8', 0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return unusable('a file that can be read', codeOf(error));
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

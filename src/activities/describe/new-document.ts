import { randomBytes } from 'node:crypto';
import { lstat, rename } from 'node:fs/promises';
import { refused } from '../../domain/failure/command-failure.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { atFile } from '../folders/held-folder.ts';
import { removeFile } from '../folders/remove-file.ts';
import { writeNewFile } from '../store/atomic-file.ts';

/**
 * Makes a file that a person named, whole or not at all. Nothing that lies there is replaced, and no link followed.
 *
 * @param path absolute
 * @param named what named it, for the refusal: `flag [--out-file]`
 */
export async function writeNewDocument(
  path: string,
  text: string | Uint8Array,
  named: string,
): Promise<void> {
  const refuse = (got: string) =>
    refused(`${named}: expected a file that can be made and is not there yet, got ${path} (${got})`);
  try {
    await atFile(path, async (file) => {
      if ((await lstat(file).catch(undefinedIfNothing)) !== undefined) throw refuse('EEXIST');
      const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
      try {
        await writeNewFile(draft, text);
        await rename(draft, file);
      } catch (error) {
        await removeFile(draft).catch(() => {});
        throw error;
      }
    });
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    throw refuse(code);
  }
}

function undefinedIfNothing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}

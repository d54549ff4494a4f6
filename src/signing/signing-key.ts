import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../activities/folders/sync-folder.ts';
import { refused } from '../domain/failure/command-failure.ts';

/** Bytes of a key that this program makes; of one that is given, the fewest. */
const KEY_BYTES = 32;

/** A key file is small, whoever wrote it. */
const MOST_BYTES = 4_096;

/** Where the key lies, and what is to be done where there is none. */
export interface KeyFile {
  readonly path: string;
  /** Given by FFHQ_KEY_FILE: a lab's own, which this program never makes. */
  readonly isGiven: boolean;
}

/**
 * The key that inputs are signed with. The user's own lies in the state folder, is made at the first need and readable by
 * nobody else; a lab gives all its hosts the same one.
 *
 * @throws a refusal that names the file: it is missing, readable by others, too short, or not a file
 */
export async function readSigningKey(file: KeyFile): Promise<Buffer> {
  const known = await readKey(file);
  if (known !== undefined) return known;
  if (file.isGiven) throw refused(`key [FFHQ_KEY_FILE=${file.path}]: expected a file, got nothing`);
  await makeKey(file.path);
  const made = await readKey(file);
  if (made === undefined) throw refused(`key [path=${file.path}]: expected a file, got nothing`);
  return made;
}

/** What {@link readSigningKey} answers, and where it would make a key one that nothing was ever signed with: nothing is left. */
export async function keyToLookBy(file: KeyFile): Promise<Buffer> {
  return (await readKey(file)) ?? randomBytes(KEY_BYTES);
}

async function readKey({ path, isGiven }: KeyFile): Promise<Buffer | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    // A file that is given may be a link, as secrets of containers are; our own is none.
    handle = await open(
      path,
      isGiven ? 'r' : constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw refused(`key [path=${path}]: expected a file that can be read, got ${(error as Error).message}`);
  }
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw refused(`key [path=${path}]: expected a regular file, got something else`);
    if (!isGiven && process.getuid !== undefined && info.uid !== process.getuid())
      throw refused(`key [path=${path}]: expected a file of this user, got one of user ${info.uid}`);
    // Of a lab's key a group may be let in; everybody may not.
    const tooOpen = isGiven ? 0o007 : 0o077;
    if ((info.mode & tooOpen) !== 0) {
      const mode = (info.mode & 0o777).toString(8);
      throw refused(
        `key [path=${path}]: expected a file that others may not read, got mode ${mode}: chmod 600`,
      );
    }
    if (info.size > MOST_BYTES)
      throw refused(`key [path=${path}]: expected at most ${MOST_BYTES} bytes, got ${info.size}`);
    const bytes = withoutLineBreak(await handle.readFile());
    if (bytes.length < KEY_BYTES)
      throw refused(`key [path=${path}]: expected at least ${KEY_BYTES} bytes, got ${bytes.length}`);
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Editors and `echo` put one behind it: that makes no other key. */
function withoutLineBreak(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  return bytes.subarray(0, end);
}

/** Of two commands that make one at the same time, the first to give it its name decides. */
async function makeKey(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = join(dirname(path), `.key-${randomBytes(8).toString('hex')}`);
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(randomBytes(KEY_BYTES).toString('hex'));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

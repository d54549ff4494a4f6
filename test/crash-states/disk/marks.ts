import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FOLDER, statePaths } from '../../../src/domain/dataset/layout.ts';

/**
 * A power cut leaves folders their inode numbers; a state is laid out in a folder with another one. So the mark of its run
 * names that.
 */
export function nameFolderInMark(out: string): void {
  const path = join(out, statePaths.owner);
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as { folder?: string };
    if (owner.folder === undefined) return;
    const folder = String(statSync(join(out, STATE_FOLDER), { bigint: true }).ino);
    writeFileSync(path, `${JSON.stringify({ ...owner, folder })}\n`);
  } catch {
    // None there, or a torn one: it says nothing.
  }
}

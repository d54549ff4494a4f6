import { createHash } from 'node:crypto';

/** Length of the ids in the real manifest's `file_url`s. */
const DRIVE_ID_LENGTH = 33;

/** The Drive id of a made file, always the same one; `recipe` tells datasets apart. */
export function sampleId(recipe: string, filePath: string): string {
  const digest = createHash('sha256').update(`${recipe}/${filePath}`).digest('base64url');
  return `1${digest}`.slice(0, DRIVE_ID_LENGTH);
}

import { createHash } from 'node:crypto';

/** Length of the ids in the real manifest's `file_url`s. */
const DRIVE_ID_LENGTH = 33;

/** An id of Drive's form for a name; the same name always has the same id. */
export function driveId(name: string): string {
  return `1${createHash('sha256').update(name).digest('base64url')}`.slice(0, DRIVE_ID_LENGTH);
}

/** The `file_url` of an id, as the real manifest writes it. */
export function driveUrl(id: string): string {
  return `https://drive.google.com/uc?id=${id}`;
}

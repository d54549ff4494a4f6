import type { GoogleQuota } from '../../../../domain/flow/google-quota.ts';
import { driveEntryOf, driveFileOf, driveUrlOf } from '../../../../domain/network/drive-file.ts';
import type { GoogleCredential } from '../../google-login/credential.ts';
import type { AskForUrl } from '../../http/source-tools.ts';
import { openByHttp } from '../../http/walk.ts';
import { DriveIdsFile } from './drive-ids-file.ts';
import { idUnknown } from './entry-of-folder.ts';
import { GoogleApi } from './google-api.ts';

export interface DriveAccess {
  /** What signs; without one, files are asked for as everybody may. */
  readonly credential: GoogleCredential | undefined;
  readonly quota: GoogleQuota;
  /** Path of the list of copies to ask for instead, if there is one. */
  readonly driveIds: string | undefined;
}

/**
 * How a worker asks for a file by its URL: Drive's by the API where it can sign, or else as everybody may, and a copy in its
 * place where the user has one. A file that is only known by its name in a folder is looked for there, by the API. Other
 * URLs are asked as they are. Made once per worker process.
 */
export function askDriveBy({ credential, quota, driveIds }: DriveAccess): AskForUrl {
  const api = credential === undefined ? undefined : new GoogleApi(credential, quota);
  const copies = driveIds === undefined ? undefined : new DriveIdsFile(driveIds);
  return async (route, url, file, range, signal) => {
    const drive = driveFileOf(url);
    const entry = driveEntryOf(url);
    if (drive === undefined && entry === undefined) return openByHttp(route, url, file, range, signal);
    const found = await copies?.copyOf(drive, file);
    if (found !== undefined && 'failure' in found) return { status: 'failed', failure: found.failure };
    const known = found?.copy ?? drive;
    if (known === undefined) {
      if (api === undefined || entry === undefined) return { status: 'failed', failure: idUnknown(file) };
      const listed = await api.find(route, entry, file, signal);
      return listed.status === 'failed' ? listed : api.open(route, listed.drive, file, range, signal);
    }
    if (api !== undefined) return api.open(route, known, file, range, signal);
    return openByHttp(route, found?.copy === undefined ? url : driveUrlOf(known), file, range, signal);
  };
}

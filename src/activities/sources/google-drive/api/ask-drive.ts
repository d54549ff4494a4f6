import type { GoogleQuota } from '../../../../domain/flow/google-quota.ts';
import { driveFileOf, driveUrlOf } from '../../../../domain/network/drive-file.ts';
import type { GoogleCredential } from '../../google-login/credential.ts';
import type { AskForUrl } from '../../http/source-tools.ts';
import { openByHttp } from '../../http/walk.ts';
import { DriveIdsFile } from './drive-ids-file.ts';
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
 * place where the user has one. Other URLs are asked as they are. Made once per worker process.
 */
export function askDriveBy({ credential, quota, driveIds }: DriveAccess): AskForUrl {
  const api = credential === undefined ? undefined : new GoogleApi(credential, quota);
  const copies = driveIds === undefined ? undefined : new DriveIdsFile(driveIds);
  return async (route, url, file, range, signal) => {
    const drive = driveFileOf(url);
    if (drive === undefined) return openByHttp(route, url, file, range, signal);
    const found = await copies?.copyOf(drive, file);
    if (found !== undefined && 'failure' in found) return { status: 'failed', failure: found.failure };
    const copy = found?.copy;
    if (api !== undefined) return api.open(route, copy ?? drive, file, range, signal);
    return openByHttp(route, copy === undefined ? url : driveUrlOf(copy), file, range, signal);
  };
}

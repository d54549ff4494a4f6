import { join } from 'node:path';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { NO_FOLDER } from '../../domain/dataset/layout.ts';
import { listed } from '../../domain/run/listed-files.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { findVouchingRecord, originOf } from '../../domain/verify/verification-record.ts';
import type { ActivityScope } from '../activity.ts';
import { atFile } from '../folders/held-folder.ts';
import type { Source } from '../sources/contract/source.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';
import { copiedFirst } from './copied-first.ts';

/**
 * The licence text of one more folder is copied of one that lies in the dataset folder, as the reference does it: aligning
 * needs no network then. Only what a record vouches for serves; `open`'s source is asked for the others.
 */
export function licensesThere(
  scope: ActivityScope,
  request: RunRequest,
  open: () => Promise<Source>,
): () => Promise<Source> {
  const vouchedFor = async ({ path }: FileSpec): Promise<readonly string[]> => {
    const there: string[] = [];
    for (const other of listed.licenses.files(request))
      if (other.path !== path && (await isVouchedFor(scope, other))) there.push(other.path);
    return there;
  };
  return copiedFirst(scope.storePath, { of: vouchedFor, copied: new Set() }, open);
}

async function isVouchedFor({ storePath, dependencies }: ActivityScope, spec: FileSpec): Promise<boolean> {
  const info = await atFile(join(storePath, spec.path), lstatIfThere).catch(() => undefined);
  if (!info?.isFile()) return false;
  const records = await dependencies.verifiedLog.read(storePath, spec.kind, NO_FOLDER);
  const record = findVouchingRecord(spec, records.get(spec.path), onDisk(info));
  // Without a published digest it must be known to come from the same URL.
  return record !== undefined && (spec.md5 !== undefined || record.from === originOf(spec));
}

import { join } from 'node:path';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { NO_FOLDER } from '../../domain/dataset/layout.ts';
import { listed } from '../../domain/run/listed-files.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { findVouchingRecord, originOf } from '../../domain/verify/verification-record.ts';
import type { ActivityScope } from '../activity.ts';
import { atFile } from '../folders/held-folder.ts';
import type { Source } from '../sources/contract/source.ts';
import { makeFolder } from '../sources/index.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';

/**
 * The licence text of one more folder is copied of one that lies in the dataset folder, as the reference does it: aligning
 * needs no network then. Only what a record vouches for serves; `open`'s source is asked for the others.
 */
export function licensesThere(
  scope: ActivityScope,
  request: RunRequest,
  open: () => Promise<Source>,
): () => Promise<Source> {
  const { storePath } = scope;
  let source: Promise<Source> | undefined;
  return async () => {
    const folder = await makeFolder(storePath);
    return {
      name: folder.name,
      open: async (spec, range, signal) => {
        for (const other of listed.licenses.files(request)) {
          if (other.path === spec.path || !(await isVouchedFor(scope, other))) continue;
          const opened = await folder.open({ ...spec, path: other.path }, range, signal);
          if (opened.status === 'opened') return opened;
        }
        source ??= open();
        return (await source).open(spec, range, signal);
      },
    };
  };
}

async function isVouchedFor({ storePath, dependencies }: ActivityScope, spec: FileSpec): Promise<boolean> {
  const info = await atFile(join(storePath, spec.path), lstatIfThere).catch(() => undefined);
  if (!info?.isFile()) return false;
  const records = await dependencies.verifiedLog.read(storePath, spec.kind, NO_FOLDER);
  const record = findVouchingRecord(spec, records.get(spec.path), onDisk(info));
  // Without a published digest it must be known to come from the same URL.
  return record !== undefined && (spec.md5 !== undefined || record.from === originOf(spec));
}

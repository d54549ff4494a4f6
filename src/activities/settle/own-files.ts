import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { LICENSE_BESIDE, LICENSE_FILE, STATE_FOLDER } from '../../domain/dataset/layout.ts';
import { kinds } from '../../domain/kinds.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { VerificationRecord } from '../../domain/verify/verification-record.ts';
import type { Placed } from '../partials/partial-file.ts';

/*
 * What lies in a file's place and is not right is replaced:
 *
 * - always, at a path that a manifest names or an archive has: those are the dataset's own places, in folders of its own,
 *   and the reference's script replaces what is there too;
 * - elsewhere (LICENSE.txt and ffhq-dataset-v2.json in OUT, which may be anybody's folder; pictures aligned from the
 *   user's own photographs, or in a folder that `--align-dir` names) only if a record says that this program put it
 *   there and it has not been touched since. An aligned picture of which nothing is known is made anew beside it, and is
 *   ours from then on where the two are the same, byte for byte.
 *
 * Whatever else lies there is the user's own and is never overwritten: our licence text goes beside it, and of the
 * others the file ends as `not-ours`, with what to do.
 */

/** May what lies in the file's place be replaced by a right one? */
export function isOurs(
  spec: FileSpec,
  request: Pick<RunRequest, 'manifest'>,
  records: readonly VerificationRecord[] | undefined,
  onDisk: Placed,
): boolean {
  return (
    isInPlaceOfDataset(spec, request) ||
    (records?.some(
      ({ how, size, mtime }) => how !== 'damaged' && size === onDisk.size && mtime === onDisk.mtime,
    ) ??
      false)
  );
}

/** Is the place the dataset's own? Whose file lies in any other, only a record tells: it is written before the file's name. */
export function isInPlaceOfDataset(spec: FileSpec, request: Pick<RunRequest, 'manifest'>): boolean {
  if (spec.path.startsWith(`${STATE_FOLDER}/`)) return true;
  const kind = kinds[spec.kind];
  const isOfTheDataset = kind.form !== 'few-files' && request.manifest.name !== 'photos';
  return isOfTheDataset && spec.path.startsWith(`${kind.folder}/`);
}

/** The name that our file gets beside the user's own; undefined: it has no other place. */
export function besideOwn(path: string): string | undefined {
  const isLicence = path === LICENSE_FILE || path.endsWith(`/${LICENSE_FILE}`);
  return isLicence ? `${path.slice(0, -LICENSE_FILE.length)}${LICENSE_BESIDE}` : undefined;
}

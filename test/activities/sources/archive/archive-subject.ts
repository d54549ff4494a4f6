import { partOfBytes } from '../../../../src/stand-in/archives/joined-file.ts';
import { tarOf } from '../../../../src/stand-in/archives/tar-of.ts';
import { zipOf } from '../../../../src/stand-in/archives/zip-of.ts';
import { startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import type { SetUp } from '../source-contract.ts';

/** The contract's files in one remote archive. */
export function archiveSubject(form: 'zip' | 'tar'): SetUp {
  return async (files) => {
    const members = files.map(({ path, bytes }) => ({ name: `./${path}`, ...partOfBytes(bytes) }));
    const label = { name: `all.${form}`, path: `all.${form}`, etag: '"1"' };
    const archive = form === 'zip' ? zipOf(members, label) : tarOf(members, label);
    const standIn = await startDriveStandIn({ files: new Map([['archive', archive]]) });
    return {
      request: { name: form, archive1: `${standIn.origin}/all.${form}` },
      open: () => standIn.requests.filter(({ closed }) => !closed).length,
      close: () => standIn.close(),
    };
  };
}

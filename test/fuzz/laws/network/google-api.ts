import fc from 'fast-check';
import {
  readAnnounced,
  readApiRefusal,
} from '../../../../src/activities/sources/google-drive/api/api-error.ts';
import { entryOfListing } from '../../../../src/activities/sources/google-drive/api/entry-of-folder.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import { sourceReasons } from '../../../../src/domain/failure/reasons.ts';
import { parseDriveIds } from '../../../../src/domain/network/drive-ids.ts';
import { hostileText } from '../../../support/hostile-text.ts';
import { hostileJson, textOf } from '../../hostile/json.ts';
import { law } from '../../law.ts';

const envelope = {
  error: {
    code: 403,
    message: 'The caller does not have permission',
    errors: [{ domain: 'global', reason: 'downloadQuotaExceeded', message: 'x' }],
    details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'SERVICE_DISABLED' }],
  },
};
const entry = { folder: 'f', name: 'tfrecords.zip' };
const archive: FileSpec = { kind: 'zips', key: entry.name, url: '', path: 'zips/tfrecords.zip', size: 1_610 };
const listing = { files: [{ id: 'id42', name: 'tfrecords.zip', size: '1610' }, { id: 7 }] };
const metadata = { size: '1610', md5Checksum: '724f3831aaecd61a84fe98500079abc2' };

const statuses = fc.constantFrom(200, 400, 401, 403, 404, 416, 429, 500, 503);

/** Whatever the API answers, in place of an envelope, of a file's size and MD5, or of a folder's files. */
export const googleApi = law(
  'google-api',
  150,
  fc.record({ status: statuses, json: hostileJson(), text: fc.option(hostileText) }),
  ({ status, json, text }) => {
    const { reason, word } = readApiRefusal(status, text ?? textOf(envelope, json));
    if (!Object.hasOwn(sourceReasons, reason)) throw new Error(`reason: expected a known one, got ${reason}`);
    if (word !== undefined && !/^\w{1,64}$/.test(word)) throw new Error(`word: expected a word, got ${word}`);
    const { size, md5 } = readAnnounced(text ?? textOf(metadata, json));
    if (size !== undefined && !Number.isSafeInteger(size))
      throw new Error(`size: expected bytes, got ${size}`);
    const listed = entryOfListing(text ?? textOf(listing, json), entry, archive);
    if (listed !== undefined && !/^[\w-]{1,200}$/.test(listed.id))
      throw new Error(`listed: expected an id, got ${listed.id}`);
    if (md5 !== undefined && !/^[0-9a-f]{32}$/.test(md5)) throw new Error(`md5: expected one, got ${md5}`);
  },
);

const list = { id42: 'own42', 'images1024x1024/00000/00000.png': 'https://drive.google.com/open?id=own43' };

/** A list of one's own copies, as JSON or as lines. */
export const driveIds = law(
  'drive-ids',
  150,
  fc.record({ json: hostileJson(), lines: fc.option(fc.array(hostileText, { maxLength: 8 })) }),
  ({ json, lines }) => {
    const parsed = parseDriveIds(lines?.join('\n') ?? textOf(list, json));
    if ('problem' in parsed) {
      if (!/^expected [^\p{C}]{1,200}$/u.test(parsed.problem))
        throw new Error(`problem: expected a printable sentence, got ${parsed.problem}`);
      return;
    }
    for (const { id, resourceKey = 'k' } of parsed.ids.values())
      if (!/^[\w-]{1,200}$/.test(id) || !/^[\w-]{1,200}$/.test(resourceKey))
        throw new Error(`id: expected one, got ${id}`);
  },
);

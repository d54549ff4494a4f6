import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import type { ImageId, Md5 } from '../../domain/dataset/ids.ts';
import { JsonMembers } from '../../domain/dataset/json-members.ts';
import { MANIFEST_FILE, statePaths } from '../../domain/dataset/layout.ts';
import { isRemoved, tombstoneText } from '../../domain/exclusion/tombstone.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import type { ActivityScope } from '../activity.ts';
import { atFile, inFolder } from '../folders/held-folder.ts';
import { createAnew, openToRead } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { syncFolder } from '../folders/sync-folder.ts';
import { lstatIfThere } from '../store/file-info.ts';
import { addToLedger, readLedger } from './ledger-file.ts';

const READ_BYTES = 64 * 1024;
/** As the reader of records bounds them. */
const MOST_RECORD_BYTES = 1024 ** 2;

/**
 * Has the folder's manifest lose what the ledger says went of it: each record a tombstone in its place, every other byte as it
 * was. The ledger names the new text before that takes the old one's place, so that it counts as the published one from its
 * first moment on. Done already, or killed on the way, it comes to the same text.
 */
export async function letGoInPlace(
  { storePath, heartbeat, dependencies }: Pick<ActivityScope, 'storePath' | 'heartbeat' | 'dependencies'>,
  published: Md5,
): Promise<void> {
  const { seal } = dependencies;
  const ledger = await readLedger(storePath, seal);
  const removed = ledger.removedOf(published);
  if (removed.size === 0) return;
  const known = ledger.textOf(published);
  const path = join(storePath, MANIFEST_FILE);
  const info = await lstatIfThere(path);
  if (!info?.isFile()) return;
  // Whether its bytes are still those shows where they are read.
  if (known?.records === removed.size && Number(info.size) === known.size) return;
  await inFolder(storePath, statePaths.manifests, async () => {}, 'made');
  await atFile(join(storePath, statePaths.incomingManifest), async (incoming) => {
    const own = `${incoming}.${randomBytes(6).toString('hex')}.copy`;
    try {
      const made = await copyWithout(path, own, removed, heartbeat.signal);
      if (!made.isChanged) return;
      if (made.before !== published && ledger.publishedOf(made.before) !== published)
        throw new StoreError(
          'manifest-lost',
          `manifest [file=${path}]: expected the text of MD5 ${published}, got one of ${made.before}`,
        );
      const { md5: text, size } = made;
      const line = { what: 'manifest', manifest: published, text, size, records: removed.size } as const;
      if (known?.text !== text)
        await addToLedger(storePath, seal, [{ ...line, at: new Date().toISOString() }]);
      await atFile(path, (place) => rename(own, place));
    } finally {
      await removeFile(own);
    }
  });
  await syncFolder(storePath);
}

/** Copies a manifest, in bounded memory, with tombstones for the records that went and are not tombstones already. */
async function copyWithout(
  from: string,
  to: string,
  removed: ReadonlySet<ImageId>,
  signal: AbortSignal,
): Promise<{ readonly before: Md5; readonly md5: Md5; readonly size: number; readonly isChanged: boolean }> {
  const [before, md5] = [runningMd5(), runningMd5()];
  const members = new JsonMembers();
  const source = await atFile(from, openToRead);
  const target = await createAnew(to);
  let size = 0;
  let isChanged = false;
  const write = async (bytes: Uint8Array) => {
    md5.update(bytes);
    size += bytes.length;
    await target.writeFile(bytes);
  };
  try {
    let rest: Buffer = Buffer.alloc(0);
    for await (const piece of source.createReadStream({
      highWaterMark: READ_BYTES,
      signal,
      autoClose: false,
    })) {
      before.update(piece as Buffer);
      const text = Buffer.concat([rest, piece as Buffer]);
      const parts: Buffer[] = [];
      let written = 0;
      const upTo = members.take(text, (keyFrom, keyTo, valueFrom, valueTo) => {
        const id = Number(JSON.parse(text.toString('utf8', keyFrom, keyTo)));
        if (!removed.has(id as ImageId)) return;
        const value: unknown = JSON.parse(text.toString('utf8', valueFrom, valueTo));
        if (isRemoved(value)) return;
        isChanged = true;
        parts.push(text.subarray(written, valueFrom), Buffer.from(tombstoneText(value)));
        written = valueTo;
      });
      parts.push(text.subarray(written, upTo));
      rest = Buffer.from(text.subarray(upTo));
      if (rest.length > MOST_RECORD_BYTES)
        throw new StoreError('manifest-lost', `manifest [file=${from}]: expected records, got other text`);
      await write(Buffer.concat(parts));
    }
    await write(rest);
    await target.sync();
  } finally {
    await target.close();
    await source.close();
  }
  return { before: before.digest(), md5: md5.digest(), size, isChanged };
}

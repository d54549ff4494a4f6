import { onTestFinished } from 'vitest';
import { ArchiveShelf } from '../../../../src/activities/sources/archive/archive-shelf.ts';
import { makeArchiveSource } from '../../../../src/activities/sources/archive/archive-source.ts';
import { makeHttpClient } from '../../../../src/activities/sources/http/client.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import type { Behaviour } from '../../../../src/stand-in/behaviours.ts';
import { startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes, type StandInFile } from '../../../../src/stand-in/files.ts';
import { type Outcome, outcomeOf } from '../reading.ts';

/** A picture of the dataset by its number. */
export function specOf(id: number, size?: number): FileSpec {
  const name = String(id).padStart(5, '0');
  return {
    ...{ kind: 'images', key: String(id), url: `https://drive.google.com/uc?id=${name}` },
    path: `images1024x1024/00000/${name}.png`,
    ...(size === undefined ? {} : { size }),
  };
}

/** An archive behind a URL of this machine, with a process that has seen nothing of it. */
export async function serving(
  form: 'zip' | 'tar',
  archive: StandInFile | Uint8Array,
  options: { readonly cacheDir?: string; readonly behaviour?: Behaviour } = {},
) {
  const label = { name: 'a', path: `all.${form}`, etag: '"1"' };
  const file = archive instanceof Uint8Array ? fileOfBytes(archive, label) : { ...archive, ...label };
  const files = new Map([['archive', file]]);
  const standIn = await startDriveStandIn({ files });
  if (options.behaviour) standIn.behave('archive', options.behaviour);
  const http = makeHttpClient({ connections: 8 });
  onTestFinished(async () => {
    await http.close();
    await standIn.close();
  });
  const request = { name: form, archive1: `${standIn.origin}/all.${form}` };
  const sourceOf = (shelf: ArchiveShelf) =>
    makeArchiveSource(form, request, { http, allowedHosts: [], archives: shelf });
  const shelf = new ArchiveShelf(options.cacheDir);
  return {
    standIn,
    source: sourceOf(shelf),
    /** As another process would ask. */
    anew: () => sourceOf(new ArchiveShelf(options.cacheDir)),
    get: (id: number, size?: number, range?: Parameters<typeof outcomeOf>[2]): Promise<Outcome> =>
      outcomeOf(sourceOf(shelf), specOf(id, size), range),
    /** Another archive lies there from now on. */
    replace: (other: StandInFile, etag = '"2"') => files.set('archive', { ...other, ...label, etag }),
  };
}

/** The whole of a file of the stand-in. */
export async function bytesOf({ open, size }: StandInFile): Promise<Buffer> {
  const opened = open(0, size);
  if (opened instanceof Uint8Array) return Buffer.from(opened);
  const pieces: Uint8Array[] = [];
  for await (const piece of opened) pieces.push(piece);
  return Buffer.concat(pieces);
}

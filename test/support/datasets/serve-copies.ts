import { copyFile, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { driveUrl } from '../../../src/domain/dataset/reference-files.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import type { SampleFile } from '../../../src/sample/folder/sample.ts';
import { sampleId } from '../../../src/sample/record/sample-id.ts';
import { picture } from '../watch-run.ts';
import { makeFaces } from './made-faces.ts';
import { type ServedDataset, serveSample } from './serve-dataset.ts';

type Files = Record<'image' | 'thumbnail' | 'in_the_wild', Record<string, unknown>>;

/**
 * One face, of which there is a copy under each of these ids: folders of faces that cost no drawing. `originalOf` names
 * the id whose original a face is cut out of. @default its own
 */
export async function serveCopies(
  ids: readonly number[],
  request: Partial<RunRequest>,
  originalOf: (id: number) => number = (id) => id,
): Promise<ServedDataset> {
  const root = await mkdtemp(join(tmpdir(), 'ffhq-test-'));
  const one = await makeFaces(join(root, 'origin'), 1);
  const made: { readonly [id: string]: Files } = JSON.parse(await readFile(one.manifestPath, 'utf8'));
  const [[madeId, record] = []] = Object.entries(made);
  if (madeId === undefined || record === undefined) throw new Error('sample: expected a record, got none');
  const files = new Map<string, SampleFile>();
  for (const [id, file] of one.files) if (!file.filePath.endsWith('.png')) files.set(id, file);

  const copied = async (kind: 'images' | 'thumbs' | 'wilds', id: number, spec: Record<string, unknown>) => {
    const filePath = picture(kind, id);
    const path = join(one.folder, filePath);
    const from = join(one.folder, picture(kind, Number(madeId)));
    await mkdir(dirname(path), { recursive: true });
    if (path !== from) await copyFile(from, path);
    const drive = sampleId('copies', filePath);
    files.set(drive, {
      ...{ path, filePath, name: path.slice(path.lastIndexOf('/') + 1) },
      ...{ size: (await stat(path)).size, md5: spec.file_md5 as Md5 },
    });
    return { ...spec, file_path: filePath, file_url: driveUrl(drive) };
  };
  const records: Record<string, Files> = {};
  for (const id of ids) {
    records[id] = {
      ...record,
      image: await copied('images', id, record.image),
      thumbnail: await copied('thumbs', id, record.thumbnail),
      in_the_wild: await copied('wilds', originalOf(id), record.in_the_wild),
    };
  }
  const text = Buffer.from(JSON.stringify(records));
  await writeFile(one.manifestPath, text);
  const manifest = { manifestMd5: md5Of(text), manifestBytes: text.length };
  for (const [id, file] of files) {
    if (file.path === one.manifestPath)
      files.set(id, { ...file, size: text.length, md5: manifest.manifestMd5 });
  }
  return serveSample({ ...one, ...manifest, records: ids.length, files }, root, request);
}

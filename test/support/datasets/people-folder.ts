import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MANIFEST_FILE } from '../../../src/domain/dataset/layout.ts';
import type { ImageKind } from '../../../src/domain/kinds.ts';
import { makeTinyDataset } from '../../../src/sample/make-tiny-dataset.ts';

/** What a record of the manifest says of a photograph and of whose it is. */
interface Said {
  readonly author?: string;
  readonly photo_title?: string;
  readonly photo_url?: string;
  readonly license?: string;
  readonly license_url?: string;
}

/** A dataset folder, with its files, whose records say what they are told to; records have ids from 0. */
export async function makePeopleFolder(
  people: readonly Said[],
  kinds: readonly ImageKind[] = ['thumbs'],
): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-people-'));
  await makeTinyDataset({ folder, records: people.length, kinds });
  const path = join(folder, MANIFEST_FILE);
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, { metadata: object }>;
  for (const [id, said] of people.entries()) Object.assign(manifest[id]?.metadata ?? {}, said);
  await writeFile(path, JSON.stringify(manifest));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

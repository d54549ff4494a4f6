import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archivesOf } from '../../../src/stand-in/archives/archives-of.ts';
import { startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { picture, readReport } from '../../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('a run takes its pictures out of an archive, goes on when that is replaced, and lacks only what is in none', async () => {
  const dataset = await serveDataset({ records: 12, kinds: ['images', 'thumbs'] });
  const members = [...dataset.files.values()]
    .filter(({ path = '' }) => path.endsWith('.png') && !path.endsWith('00011.png'))
    .map((file) => ({ ...file, name: `ffhq/${file.path}` }));
  const [archive] = archivesOf(members, 'all');
  if (archive === undefined) throw new Error('archive: expected one, got none');
  // The directory is of the first one; once a member of it was asked for, the second one lies there.
  let opened = 0;
  const open = (start: number, end: number) => {
    if (end - start > 1 && ++opened === 2) files.set('archive', { ...served, etag: '"2"' });
    return archive.open(start, end);
  };
  const served = { ...archive, open, path: 'all.zip' };
  const files = new Map([['archive', { ...served, etag: '"1"' }]]);
  const mirror = await startDriveStandIn({ files });
  try {
    const request = { ...dataset.request, source: { name: 'zip', archive1: `${mirror.origin}/all.zip` } };
    const { status, progress } = await bench.runToEnd({ ...dataset, request });
    expect(opened).toBeGreaterThan(22);
    expect(status).toBe('complete with failures');
    expect(progress.kinds.images).toMatchObject({ files: 12, doneFiles: 11, failedFiles: 1 });
    expect(progress.kinds.thumbs).toMatchObject({ files: 12, doneFiles: 11, failedFiles: 1 });
    const { json } = await readReport(dataset);
    expect(json.failures.map(({ key, reason }) => [key, reason])).toEqual([
      ['11', 'missing'],
      ['11', 'missing'],
    ]);
    expect(existsSync(join(dataset.out, picture('images', 3)))).toBe(true);
    // Nothing but the manifest and the licences came from Drive.
    expect(dataset.drive.requests.some(({ file = '' }) => file === dataset.idOf(picture('images', 3)))).toBe(
      false,
    );
  } finally {
    await mirror.close();
    await dataset.close();
  }
});

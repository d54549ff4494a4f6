import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { RunRequest } from '../../src/domain/run/request.ts';
import type { SampleRecord } from '../../src/sample/record/record.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { alignByDefault, serveFaces } from '../support/datasets/serve-dataset.ts';
import { picture, readReport } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('the user’s own photographs are aligned by the same recipe, several faces of one too, as they are stored', async () => {
  const dataset = await serveFaces();
  onTestFinished(() => dataset.close());
  const records: Record<string, SampleRecord> = JSON.parse(
    await readFile(dataset.sample.manifestPath, 'utf8'),
  );
  const folder = join(dirname(dataset.out), 'photos');
  await mkdir(join(folder, 'holidays'), { recursive: true });
  // Faces 2 and 1000 are of one photograph; stored with an orientation, which the reference knows nothing of.
  const group = await sharp(join(dataset.sample.folder, picture('wilds', 2)))
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer();
  await writeFile(join(folder, 'holidays/group.png'), group);
  await sharp(join(dataset.sample.folder, picture('wilds', 0)))
    .jpeg({ quality: 95 })
    .toFile(join(folder, 'anna.jpg'));
  await writeFile(join(folder, 'broken.jpg'), 'no picture');
  const points = (key: string) => records[key]?.in_the_wild?.face_landmarks;
  const landmarks = join(dirname(dataset.out), 'landmarks.json');
  await writeFile(
    landmarks,
    JSON.stringify({
      'anna.jpg': points('0'),
      'holidays/group.png': [points('2'), points('1000')],
      'broken.jpg': [points('1')],
      'gone.jpg': [points('1')],
    }),
  );
  const request: RunRequest = {
    ...dataset.request,
    kinds: ['align'],
    manifest: { name: 'photos', folder, landmarks },
    license: { name: 'none' },
    align: { ...alignByDefault, folder: 'aligned', sourceDir: folder },
  };
  const worker = await bench.startWorker(dataset, { alignThreads: 2 });
  onTestFinished(() => worker.shutdown());
  const result = await (await bench.startRun(dataset, { request })).result();

  expect(result.progress.kinds.align).toMatchObject({ files: 5, doneFiles: 3, failedFiles: 2 });
  const out = join(dataset.out, 'aligned');
  const names = await readdir(out, { recursive: true });
  expect(names.filter((name) => name.endsWith('.png')).sort()).toEqual([
    'anna_0.png',
    'holidays/group_0.png',
    'holidays/group_1.png',
  ]);
  // The same pixels as the dataset's own pictures of these faces.
  for (const [name, key] of [
    ['holidays/group_0.png', '2'],
    ['holidays/group_1.png', '1000'],
  ] as const) {
    const pixels = await sharp(join(out, name)).raw().toBuffer();
    const published = await sharp(join(dataset.sample.folder, records[key]?.image?.file_path ?? ''))
      .raw()
      .toBuffer();
    expect(pixels.equals(published), name).toBe(true);
  }
  const { json } = await readReport(dataset);
  expect(json.failures.map(({ path, reason }) => [path, reason]).sort()).toEqual([
    ['aligned/broken_0.png', 'undecodable-original'],
    ['aligned/gone_0.png', 'missing-original'],
  ]);
});

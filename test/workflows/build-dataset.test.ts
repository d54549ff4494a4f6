import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('a dataset arrives whole, byte for byte, and a second run fetches nothing', async () => {
  const dataset = await serveDataset({ records: 40 });
  try {
    const result = await bench.runToEnd(dataset);
    expect(result.status).toBe('complete');
    expect(result.records).toBe(40);
    for (const file of dataset.sample.files.values()) {
      expect(await readFile(join(dataset.out, file.filePath))).toEqual(await readFile(file.path));
    }
    expect(result.progress.kinds.images).toMatchObject({
      files: 40,
      doneFiles: 40,
      fetchedFiles: 40,
      failedFiles: 0,
    });
    const requests = dataset.drive.requests.length;
    const again = await bench.runToEnd(dataset);
    expect(again.status).toBe('complete');
    expect(again.progress.kinds.images).toMatchObject({ files: 40, doneFiles: 40, fetchedFiles: 0 });
    expect(dataset.drive.requests.slice(requests).filter(({ path }) => path.endsWith('.png'))).toEqual([]);
  } finally {
    await dataset.close();
  }
});

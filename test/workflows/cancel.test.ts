import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { picture, requestsFor } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** Names and sizes of everything in a folder, or nothing where there is none. */
async function listing(folder: string): Promise<Record<string, number>> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).size]));
  return Object.fromEntries(sizes);
}

test('when a cancelled run closes nobody writes any more, no half file has a final name, and the next run resumes by Range', async () => {
  const dataset = await serveDataset({ records: 4, kinds: ['images'], pngSize: 200, noiseBits: 8 });
  const { drive, out } = dataset;
  const folder = join(out, 'images1024x1024/00000');
  try {
    const worker = await bench.startWorker(dataset, { chunkBytes: 4_096 });
    try {
      const paths = [0, 1, 2, 3].map((id) => picture('images', id));
      for (const path of paths) drive.behave(dataset.idOf(path), { kind: 'drip', bytesPerSecond: 20_000 });
      const run = await bench.startRun(dataset);
      await eventually('bytes of every file on the disk', async () => {
        const sizes = Object.values(await listing(folder));
        return sizes.length === 4 && sizes.every((size) => size >= 8_192);
      });
      const asked = performance.now();
      await run.cancel();
      const failure = await run.result().catch((error: unknown) => error);
      expect(performance.now() - asked).toBeLessThan(5_000);
      expect(failure).toBeInstanceOf(WorkflowFailedError);
      expect((failure as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);

      const closed = await listing(folder);
      // A writer that lived on would have written ten pieces in this time.
      await delay(1_500);
      expect(await listing(folder)).toEqual(closed);
      expect(Object.keys(closed).sort()).toEqual([0, 1, 2, 3].map((id) => `0000${id}.png.ffhq-part`));

      const before = drive.requests.length;
      for (const path of paths) drive.behave(dataset.idOf(path), undefined);
      const again = await (await bench.startRun(dataset)).result();
      expect(again.status).toBe('complete');
      for (const path of paths) {
        const name = `${path.slice(path.lastIndexOf('/') + 1)}.ffhq-part`;
        const resumed = requestsFor(dataset, path).filter(
          (request) => request.answer === 'file' && drive.requests.indexOf(request) >= before,
        );
        expect(resumed.map(({ range, status }) => ({ range, status }))).toEqual([
          { range: `bytes=${closed[name]}-`, status: 206 },
        ]);
      }
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

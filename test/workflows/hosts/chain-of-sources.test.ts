import { afterAll, beforeAll, expect, test } from 'vitest';
import { chainOf } from '../../../src/activities/sources/index.ts';
import { MINUTE } from '../../../src/domain/run/time-units.ts';
import type { Behaviour } from '../../../src/stand-in/behaviours.ts';
import { startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { picture, readReport } from '../../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** What Drive does with the first thumbnails, by their numbers; it gives the others. */
const faults: readonly Behaviour[] = [
  { kind: 'missing' },
  { kind: 'private' },
  { kind: 'infected' },
  { kind: 'not-permitted' },
  { kind: 'quota' },
  { kind: 'flip-byte', at: 500 },
  { kind: 'cut', afterBytes: 200, how: 'reset' },
];

test('what the first source lacks, refuses or gives wrong comes from the next, and each is counted for what it gave', async () => {
  const dataset = await serveDataset({ records: 12, kinds: ['thumbs'] });
  const mirror = await startDriveStandIn({ files: dataset.files });
  const { host } = new URL(mirror.origin);
  const idOf = (id: number) => dataset.idOf(picture('thumbs', id));
  const sizeOf = (id: number) => dataset.files.get(idOf(id))?.size ?? 0;
  for (const [id, fault] of faults.entries()) dataset.drive.behave(idOf(id), fault);
  // Nobody has the last one.
  dataset.drive.behave(idOf(11), { kind: 'missing' });
  mirror.behave(idOf(11), { kind: 'missing' });
  const source = chainOf([{ name: 'google-drive' }, { name: 'http-mirror', baseUrl: mirror.origin }], MINUTE);
  const request = { ...dataset.request, source, allowedHosts: [host] };
  const worker = await bench.startWorker(dataset);
  try {
    const first = await (await bench.startRun(dataset, { request })).result();
    expect(first.status).toBe('complete with failures');
    const { json, text } = await readReport(dataset);
    expect(json.failures).toMatchObject([{ key: '11', reason: 'missing', outcome: 'missing' }]);
    expect(json.failures[0]?.detail).toContain('google-drive missing, http-mirror missing');
    const thumbs = first.progress.kinds.thumbs;
    expect(thumbs).toMatchObject({ files: 12, doneFiles: 11, failedFiles: 1, fetchedFiles: 11 });
    const given = { 'google-drive': [7, 8, 9, 10], [`http-mirror ${host}`]: [0, 1, 2, 3, 4, 5, 6] };
    const counted = Object.fromEntries(
      Object.entries(given).map(([name, ids]) => [
        name,
        { files: ids.length, bytes: ids.reduce((sum, id) => sum + sizeOf(id), 0) },
      ]),
    );
    expect(thumbs?.sources).toEqual(counted);
    expect(json.kinds.thumbs?.sources).toEqual(counted);
    expect(text).toContain(`from http-mirror ${host}: 7 files`);
    // What came of the one that broke off was not asked for again.
    const asked = mirror.requests.find(({ file }) => file === idOf(6));
    expect(asked?.range).toBe('bytes=200-');

    mirror.behave(idOf(11), undefined);
    const again = await (await bench.startRun(dataset, { request })).result();
    expect(again.status).toBe('complete');
    expect(again.progress.kinds.thumbs).toMatchObject({ doneFiles: 12, fetchedFiles: 1 });
    expect(again.progress.kinds.thumbs?.sources).toEqual({
      [`http-mirror ${host}`]: { files: 1, bytes: sizeOf(11) },
    });
  } finally {
    await worker.shutdown();
    await mirror.close();
    await dataset.close();
  }
}, 60_000);

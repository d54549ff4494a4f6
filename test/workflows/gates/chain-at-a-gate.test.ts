import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chainOf } from '../../../src/activities/sources/index.ts';
import { SECOND } from '../../../src/domain/run/time-units.ts';
import { startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { openBench } from '../../support/datasets/run-dataset.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { block, config, isRefusal } from './closed-gate.ts';

test('a run whose first source stays gated waits for as long as it was told, and is completed by the second', async () => {
  const bench = await openBench();
  const dataset = await serveDataset({ records: 6, kinds: ['thumbs'] });
  const mirror = await startDriveStandIn({ files: dataset.files });
  const { host } = new URL(mirror.origin);
  block(dataset, true);
  // The gate closes for three seconds, which the files wait for, and then for six more, which they do not.
  const source = chainOf(
    [{ name: 'google-drive' }, { name: 'http-mirror', baseUrl: mirror.origin }],
    5 * SECOND,
  );
  const request = { ...dataset.request, source, allowedHosts: [host] };
  const worker = await bench.startWorker(dataset, { config });
  try {
    const run = await bench.startRun({ ...dataset, request });
    const result = await run.result();
    expect(result.status).toBe('complete');
    // Those that were on their way when the gate closed, and its probe: nobody asked behind it.
    const refused = dataset.drive.requests.filter(isRefusal);
    expect(refused.length).toBeLessThanOrEqual(7);
    const times = refused.map(({ at }) => at);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThanOrEqual(2.5 * SECOND);
    const given = { [`http-mirror ${host}`]: { files: 6, bytes: result.progress.kinds.thumbs?.doneBytes } };
    expect(result.progress.kinds.thumbs?.sources).toEqual(given);
    expect(Object.keys(result.progress.kinds.json?.sources ?? {})).toEqual(['drive.google.com']);
    const text = await readFile(join(dataset.out, '.ffhq/report.txt'), 'utf8');
    expect(text).toContain(`from http-mirror ${host}: 6 files`);
    const report = JSON.parse(await readFile(join(dataset.out, '.ffhq/report.json'), 'utf8'));
    expect(report.kinds.thumbs.sources).toEqual(given);
    const folder = join(dataset.out, '.ffhq/verified');
    const logs = (await readdir(folder, { recursive: true })).filter((name) => /thumbs\/.*\.\w+$/.test(name));
    const records = await Promise.all(logs.map((name) => readFile(join(folder, name), 'utf8')));
    expect(records.join('').match(/"source":"http-mirror [^"]+"/g)?.length).toBe(6);
  } finally {
    await worker.shutdown();
    await mirror.close();
    await dataset.close();
    await bench.close();
  }
}, 60_000);

import { mkdir, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { readConfig } from '../../../src/config.ts';
import { NO_FOLDER } from '../../../src/domain/dataset/layout.ts';
import { type LargeFileSpec, largeFiles } from '../../../src/domain/dataset/reference-files.ts';
import { CONTINUE_AS_NEW_EVENTS } from '../../../src/domain/run/plan.ts';
import { emptyTally, type RunProgress } from '../../../src/domain/run/progress.ts';
import type { Behaviour } from '../../../src/stand-in/behaviours.ts';
import { startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { testSeal } from '../../support/test-key.ts';
import { runsOf } from '../../support/watch-run.ts';

const PROMISED_EVENTS = 3_000;
/** One more than are open at a time must wait for the next Run. */
const FOLDERS = 6;

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** As large as it should be, of holes, with a record that vouches for it. */
async function pretendDone(out: string, file: LargeFileSpec): Promise<void> {
  const path = join(out, file.path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
  await truncate(path, file.size);
  const { mtimeNs } = await stat(path, { bigint: true });
  await new VerifiedLog('w', testSeal).append(out, file.kind, NO_FOLDER, {
    ...{ file: file.path, size: file.size, mtime: String(mtimeNs), md5: file.md5 },
    ...{ how: 'stored', run: 'before', at: new Date().toISOString() },
  });
}

test('shards go on while an archive is open, however long the run`s history is, and the archive goes on after them', async () => {
  const dataset = await serveDataset(
    { ids: Array.from({ length: FOLDERS }, (_, nth) => 1_000 * nth), kinds: ['thumbs'] },
    { kinds: ['thumbs', 'tfrecords'] },
  );
  const [held, ...others] = largeFiles.tfrecords;
  if (held === undefined) throw new Error('expected an archive');
  for (const file of others) await pretendDone(dataset.out, file);
  const heldId = new URL(held.url).searchParams.get('id') ?? '';
  const archive = {
    name: held.key,
    size: held.size,
    open: (from: number, to: number) => Buffer.alloc(to - from),
  };
  const drive = await startDriveStandIn({ files: new Map([...dataset.files, [heldId, archive]]) });
  const ofArchive = () => drive.requests.filter(({ file, answer }) => file === heldId && answer === 'file');
  const block = (behaviour: Behaviour | undefined) => {
    for (const [id, { filePath }] of dataset.sample.files)
      if (filePath.endsWith('.png')) drive.behave(id, behaviour);
  };
  block({ kind: 'blocked', retryAfter: '1' });
  drive.behave(heldId, { kind: 'drip', bytesPerSecond: 20_000 });
  const config = readConfig({ FFHQ_WAITS_DIVIDED_BY: '300' });
  const worker = await bench.startWorker({ drive }, { config });
  const run = await bench.startRun(dataset);
  try {
    await eventually('some of the archive', () => (ofArchive()[0]?.bytesSent ?? 0) > 10_000);
    // Each costs the run an event, and a Workflow Task for some of them three more.
    const signal = { kind: 'thumbs', name: 'none', tally: emptyTally } as const;
    await eventually(
      'a long history',
      async () => {
        await Promise.all(Array.from({ length: 16 }, () => run.signal('shardProgress', signal)));
        // An answer says that it has taken them.
        await run.query<RunProgress>('progress');
        return (await run.describe()).historyLength >= CONTINUE_AS_NEW_EVENTS;
      },
      120_000,
    );
    block(undefined);
    await eventually(
      'all folders to be done',
      async () => (await run.query<RunProgress>('progress')).kinds.thumbs?.doneFiles === FOLDERS,
      120_000,
    );
    await eventually('the archive to go on', () => ofArchive().some(({ closed }) => !closed));
    const asked = ofArchive();
    expect(asked.length).toBeGreaterThan(1);
    for (const [nth, { range }] of asked.entries()) {
      const before = asked.slice(0, nth).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
      const from = Number(/^bytes=(\d+)-/.exec(range ?? 'bytes=0-')?.[1]);
      // What was on its way when the connection was closed comes again.
      expect(from).toBeGreaterThan(before - 64 * 1024);
      expect(from === 0).toBe(nth === 0);
    }
    const runs = await runsOf(bench, run.workflowId);
    expect(runs.length).toBeGreaterThan(1);
    for (const { events } of runs) expect(events).toBeLessThan(PROMISED_EVENTS);
  } finally {
    await run.cancel();
    await run.result().catch(() => {});
    await worker.shutdown();
    await drive.close();
    await dataset.close();
  }
}, 240_000);

import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { forgetOtherRuns } from '../../../src/activities/records/failure-log.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { latestTimeline, readTimeline } from '../../../src/activities/timeline/read-timeline.ts';
import { Timeline } from '../../../src/activities/timeline/timeline.ts';
import { eventually } from '../../support/eventually.ts';

const run = '01234567-89ab-cdef-0123-456789abcdef';
const other = '11234567-89ab-cdef-0123-456789abcdef';

async function folder(): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'ffhq-test-timeline-'));
  onTestFinished(() => rm(out, { recursive: true }));
  await ensureStore(out);
  return out;
}

/** Worker processes of one host; those in `dead` run no more. */
function writer(pid: number, dead: readonly number[] = []): WriterProcess {
  return new WriterProcess(`${pid}@host/01234567/b/s`, (identity) =>
    dead.includes(Number.parseInt(identity, 10)),
  );
}

const filesIn = async (out: string) =>
  (await readTimeline(out, run)).reduce((files, { kinds }) => files + (kinds.thumbs?.files ?? 0), 0);

test('what several workers do stands in a file of each, and is read as one', async () => {
  const out = await folder();
  for (const pid of [1, 2]) {
    const timeline = new Timeline(writer(pid));
    const notes = timeline.of(out, run);
    notes.settled('thumbs');
    notes.bytes('thumbs', 5);
    notes.failed('images');
    notes.fault('short-body');
    notes.wait('quota', Date.now() + 1_000);
    notes.slow('network', 7.4);
    await timeline.flush();
  }
  const [first, second, ...rest] = await readTimeline(out, run);
  expect(rest).toEqual([]);
  expect(first).toMatchObject({
    kinds: { thumbs: { files: 1, bytes: 5, failed: 0 }, images: { files: 0, bytes: 0, failed: 1 } },
    faults: { 'short-body': 1 },
    slow: { network: 7 },
  });
  expect(second?.kinds.thumbs?.files).toBe(1);
  expect(await latestTimeline(out)).toBe(run);
});

test('a line is written by itself, a while after something happened', async () => {
  const out = await folder();
  const timeline = new Timeline(writer(1), { shortestMs: 10 });
  timeline.of(out, run).settled('thumbs');
  await eventually('a line', async () => (await filesIn(out)) === 1);
});

test('a file that grows is thinned, also that of a worker that is dead: nothing that was counted is lost', async () => {
  const out = await folder();
  let noted = 0;
  const note = async (timeline: Timeline) => {
    timeline.of(out, run).settled('thumbs');
    noted++;
    await timeline.flush();
  };
  const dying = new Timeline(writer(1), { mostBytes: 1024 ** 2 });
  for (let times = 0; times < 40; times++) await note(dying);
  const living = new Timeline(writer(2, [1]), { mostBytes: 4_000 });
  for (let times = 0; times < 40; times++) await note(living);
  const kept = join(out, '.ffhq/timeline', run);
  const bytes = readdirSync(kept).reduce((sum, name) => sum + statSync(join(kept, name)).size, 0);
  expect(bytes).toBeLessThanOrEqual(4_000);
  expect(await filesIn(out)).toBe(noted);
});

test('half a line of a killed worker, and what others put there, are passed over', async () => {
  const out = await folder();
  const timeline = new Timeline(writer(1));
  timeline.of(out, run).settled('thumbs');
  await timeline.flush();
  const kept = join(out, '.ffhq/timeline', run);
  const [name = ''] = readdirSync(kept);
  appendFileSync(join(kept, name), '{"at":"2026-01-01T00');
  timeline.of(out, run).settled('thumbs');
  await timeline.flush();
  writeFileSync(join(kept, 'x.jsonl'), '<b>\n[1]\n{"at":1}\n');
  writeFileSync(join(kept, 'large.jsonl'), Buffer.alloc(2 * 1024 ** 2, ' '));
  symlinkSync('/dev/zero', join(kept, 'zero.jsonl'));
  mkdirSync(join(kept, 'folder.jsonl'));
  expect(await filesIn(out)).toBe(2);
  expect(await readTimeline(out, '../../..')).toEqual([]);
});

test('in a folder that is not mounted nothing is made; it is written when the folder is back', async () => {
  const out = await folder();
  const timeline = new Timeline(writer(1));
  const mark = readFileSync(join(out, '.ffhq/store.json'));
  rmSync(join(out, '.ffhq'), { recursive: true });
  timeline.of(out, run).settled('thumbs');
  await timeline.flush();
  expect(readdirSync(out)).toEqual([]);
  mkdirSync(join(out, '.ffhq'));
  writeFileSync(join(out, '.ffhq/store.json'), mark);
  timeline.of(out, run).settled('thumbs');
  await timeline.flush();
  expect(await filesIn(out)).toBe(2);
});

test('the next run forgets it', async () => {
  const out = await folder();
  const timeline = new Timeline(writer(1));
  timeline.of(out, run).settled('thumbs');
  await timeline.flush();
  await forgetOtherRuns(out, run);
  expect(await filesIn(out)).toBe(1);
  await forgetOtherRuns(out, other);
  expect(readdirSync(join(out, '.ffhq/timeline'))).toEqual([]);
});

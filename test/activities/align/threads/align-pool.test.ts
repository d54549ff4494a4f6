import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { AlignPool } from '../../../../src/activities/align/threads/align-pool.ts';
import type { AlignTask } from '../../../../src/activities/align/threads/align-task.ts';
import { type MemoryBudget, makeMemoryBudget } from '../../../../src/activities/png/memory-budget.ts';
import { md5Of } from '../../../../src/domain/dataset/digest.ts';
import type { Md5 } from '../../../../src/domain/dataset/ids.ts';
import { eventually } from '../../../support/eventually.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-pool-'));
});
afterAll(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;
const mortal = new URL('fixtures/mortal-thread.mjs', import.meta.url);

function poolOf(threads: number, threadFile?: URL): AlignPool {
  const pool = new AlignPool(threads, threadFile === undefined ? {} : { threadFile });
  onTestFinished(() => pool.close());
  return pool;
}

function taskFor(path: string, size = 400): AlignTask {
  const quad = [
    [-200, -200],
    [-200, size - 200],
    [size - 200, size - 200],
    [size - 200, -200],
  ] as const;
  const output = join(folder, `${path.replaceAll('/', '_')}-${size}.out.png`);
  return { original: { path }, crop: { quad, size }, enablePadding: true, fileIdentical: false, output };
}

async function photo(name: string, width: number, height: number): Promise<string> {
  const path = join(folder, name);
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  await sharp({ create: { width, height, channels: 3, background: 'grey', noise } })
    .png()
    .toFile(path);
  return path;
}

/** For {@link mortal}: an original that says what is to happen. */
async function fate(name: string): Promise<AlignTask> {
  const path = join(folder, name);
  await writeFile(path, name);
  const task = taskFor(path);
  onTestFinished(() => rm(task.output, { force: true }));
  return task;
}

test.each(['exit', 'throw'])('a thread that dies (%s) is the outcome of its picture alone', async (death) => {
  const pool = poolOf(1, mortal);
  const [dead, other] = await Promise.all([
    pool.align(await fate(death), never),
    pool.align(await fate('alive'), never),
  ]);
  expect(dead).toMatchObject({ status: 'failed', failure: { reason: 'thread-died' } });
  expect(other).toMatchObject({ status: 'aligned' });
  expect(await pool.align(await fate('alive'), never)).toMatchObject({ status: 'aligned' });
});

test('a thread that runs out of memory is told as that, and the next picture has another thread', async () => {
  const pool = new AlignPool(1, { threadFile: mortal, maxOldGenerationSizeMb: 64 });
  onTestFinished(() => pool.close());
  expect(await pool.align(await fate('hog'), never)).toMatchObject({
    status: 'failed',
    failure: { reason: 'out-of-memory' },
  });
  expect(await pool.align(await fate('alive'), never)).toMatchObject({ status: 'aligned' });
});

test.each(['exit', 'throw', 'hog'])(
  'threads that die (%s) before they have begun leave no picture waiting for ever, and later pictures have others',
  async (death) => {
    const threadFile = join(folder, `stillborn-${death}.mjs`);
    const isHealed = join(folder, `healed-${death}`);
    const last = {
      exit: 'process.exit(1)',
      throw: "throw new RangeError('Out of memory')",
      hog: 'for (const kept = []; ; ) kept.push(new Array(1e6).fill(1))',
    };
    await writeFile(
      threadFile,
      `import { existsSync, writeFileSync } from 'node:fs';
if (!existsSync(${JSON.stringify(isHealed)})) ${last[death as keyof typeof last]};
export default ({ output }) => (writeFileSync(output, '.'), { status: 'aligned', size: 1, md5: 'a', pixelMd5: 'b' });`,
    );
    const pool = new AlignPool(2, { threadFile: pathToFileURL(threadFile), maxOldGenerationSizeMb: 64 });
    onTestFinished(() => pool.close());
    const path = await photo(`of-${death}.png`, 20, 20);
    const faces = [401, 402, 403, 404, 405].map((size) => taskFor(path, size));
    for (const { status } of await Promise.all(faces.map((face) => pool.align(face, never))))
      expect(status).toBe('failed');
    await writeFile(isHealed, '');
    const later = taskFor(path, 406);
    expect(await pool.align(later, never)).toMatchObject({ status: 'aligned' });
    await rm(later.output);
  },
);

test('an original is read by the file that was opened, whatever takes its name meanwhile', async () => {
  const path = join(folder, 'swapped.jpg');
  await sharp(await photo('swapped.png', 500, 500))
    .jpeg()
    .toFile(path);
  const other = join(folder, 'elsewhere.txt');
  await writeFile(other, 'what only the worker may read');
  const memory: MemoryBudget = {
    use: async (_bytes, _signal, work) => {
      await rm(path);
      await symlink(other, path);
      return work();
    },
  };
  const pool = new AlignPool(1, { memory });
  onTestFinished(() => pool.close());
  const task = taskFor(path, 300);
  expect(await pool.align({ ...task, original: { path, md5: 'a'.repeat(32) as Md5 } }, never)).toMatchObject({
    status: 'failed',
    failure: { reason: 'wrong-original' },
  });
  await rm(path);
  execFileSync('mkfifo', [path]);
  const answer = await pool.align(task, never);
  expect(answer).toMatchObject({ status: 'failed', failure: { reason: 'missing-original' } });
});

test('a picture stops within a second of being told to, and the thread’s place is taken by another', async () => {
  const pool = poolOf(1);
  const path = await photo('large.png', 4_000, 4_000);
  // Padded on all sides by a third of 4,000 pixels: seconds of work.
  const task = taskFor(path, 4_000);
  const stop = new AbortController();
  const begun = pool.align(task, stop.signal);
  begun.catch(() => {});
  const before = process.cpuUsage().user;
  await eventually(
    'a thread in the middle of the pixels',
    () => process.cpuUsage().user - before > 1_500_000,
  );
  const told = performance.now();
  stop.abort(new Error('cancelled'));
  await expect(begun).rejects.toThrow('cancelled');
  expect(performance.now() - told).toBeLessThan(1_000);
  expect((await readdir(folder)).filter((name) => name.endsWith('.out.png'))).toEqual([]);
  expect(await pool.align(taskFor(await photo('small.png', 300, 300)), never)).toMatchObject({
    status: 'aligned',
  });
});

test.each([
  ['nothing', () => {}],
  ['a folder', (path: string) => mkdirSync(path)],
  ['a pipe that nobody writes into', (path: string) => execFileSync('mkfifo', [path])],
])('an original that is %s is missing', async (what, make) => {
  const path = join(folder, what);
  make(path);
  expect(await poolOf(1).align(taskFor(path), never)).toMatchObject({
    status: 'failed',
    failure: { reason: 'missing-original' },
  });
});

test.each([
  ['to nothing', 'no-such-photograph.png'],
  ['in a circle', 'linked in a circle'],
])('an original that is a link %s is missing, and said to be a link', async (where, target) => {
  const path = join(folder, `linked ${where}`);
  await symlink(target, path);
  expect(await poolOf(1).align(taskFor(path), never)).toMatchObject({
    status: 'failed',
    failure: { reason: 'missing-original', detail: 'expected a file, got a link that leads nowhere' },
  });
});

test('an original is read whole, whatever was read before it', async () => {
  const pool = poolOf(1);
  const long = await photo('long.png', 900, 900);
  const short = await photo('short.png', 300, 300);
  await pool.align(taskFor(long, 700), never);
  // In memory that still holds the end of the long one.
  const md5 = md5Of(await readFile(short));
  const task = { ...taskFor(short, 350), original: { path: short, md5 } };
  expect(await pool.align(task, never)).toMatchObject({ status: 'aligned' });
  const wrong = { ...taskFor(short, 360), original: { path: short, md5: md5Of(await readFile(long)) } };
  expect(await pool.align(wrong, never)).toMatchObject({
    status: 'failed',
    failure: { reason: 'wrong-original' },
  });
});

test('what the file system refuses is told by its code, and nothing half is left', async () => {
  const pool = poolOf(1);
  const task = { ...taskFor(await photo('some.png', 300, 300)), output: join(folder, 'nowhere/x.png') };
  expect(await pool.align(task, never)).toMatchObject({ status: 'refused', code: 'ENOENT' });
});

test('the smallest originals and the oddest places give a picture or an outcome, never a broken thread', async () => {
  const pool = poolOf(2);
  const tiny = await photo('tiny.png', 1, 1);
  const narrow = await photo('narrow.png', 2, 700);
  const answers = await Promise.all([
    pool.align(taskFor(tiny, 400), never),
    pool.align(taskFor(tiny, 3), never),
    pool.align(taskFor(tiny, 1e7), never),
    pool.align(taskFor(narrow, 900), never),
    pool.align(taskFor(tiny, Number.MIN_VALUE), never),
  ]);
  const said = answers.map((answer) => (answer.status === 'failed' ? answer.failure.reason : answer.status));
  expect(said).toEqual(['aligned', 'crop-outside', 'crop-outside', 'aligned', 'crop-outside']);
  expect((await stat(taskFor(narrow, 900).output)).size).toBeGreaterThan(1_000);
});

test('pictures of all threads share one budget of memory, each by what it will need', async () => {
  const budget = makeMemoryBudget(1);
  const asked: number[] = [];
  let [running, most] = [0, 0];
  const memory: MemoryBudget = {
    use: (bytes, signal, work) => {
      asked.push(bytes);
      return budget.use(bytes, signal, async () => {
        most = Math.max(most, ++running);
        return work().finally(() => running--);
      });
    },
  };
  const pool = new AlignPool(2, { memory });
  onTestFinished(() => pool.close());
  const tasks = [
    taskFor(await photo('needs-little.png', 300, 300), 310),
    taskFor(await photo('needs-more.png', 900, 900), 1_200),
    taskFor(await photo('needs-most.png', 1_500, 1_500), 2_400),
  ];
  for (const answer of await Promise.all(tasks.map((task) => pool.align(task, never)))) {
    expect(answer).toMatchObject({ status: 'aligned' });
  }
  expect(most).toBe(1);
  const [little = 0, more = 0, largest = 0] = asked.toSorted((a, b) => a - b);
  expect(more).toBeGreaterThan(2 * little);
  // Padded to some 4,000 x 4,000 pixels.
  expect(largest).toBeGreaterThan(400_000_000);
});

test('a face far larger than its small original costs nothing', async () => {
  const started = performance.now();
  const answer = await poolOf(1).align(taskFor(await photo('two-hundred.png', 200, 200), 4_095), never);
  expect(answer).toMatchObject({ status: 'failed', failure: { reason: 'degenerate-face' } });
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('an original that is not the usual PNG is aligned too, and compared with its digest', async () => {
  const pool = poolOf(1);
  const usual = sharp(await photo('usual.png', 500, 500));
  for (const [name, bytes] of [
    ['interlaced.png', await usual.png({ progressive: true }).toBuffer()],
    ['photo.jpg', await usual.jpeg().toBuffer()],
    ['photo.webp', await usual.webp().toBuffer()],
  ] as const) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const original = { path, size: bytes.length, md5: md5Of(bytes) };
    expect(await pool.align({ ...taskFor(path), original }, never)).toMatchObject({ status: 'aligned' });
    const wrong = { ...taskFor(path, 410), original: { path, md5: md5Of(Buffer.from(name)) } };
    expect(await pool.align(wrong, never)).toMatchObject({ failure: { reason: 'wrong-original' } });
  }
});

test.each([
  ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'SVG'],
  ['a TIFF', 'II*\0and so on', 'TIFF'],
])('%s in the place of an original is refused by name', async (what, text, name) => {
  const path = join(folder, `${what}.png`);
  await writeFile(path, text);
  expect(await poolOf(1).align(taskFor(path), never)).toMatchObject({
    failure: { reason: 'unsupported-original', detail: `expected PNG, JPEG or WebP, got ${name}` },
  });
});

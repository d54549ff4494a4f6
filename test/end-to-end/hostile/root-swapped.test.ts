import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { slowDataset } from '../../support/datasets/slow-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { pendingActivities } from '../../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('a worker with a root writes nothing outside of it, though its dataset folder becomes a link in mid-run', async () => {
  const base = await mkdtemp(join(tmpdir(), 'ffhq-test-root-'));
  onTestFinished(() => rm(base, { recursive: true }));
  const [root, victim] = [join(base, 'root'), join(base, 'victim')];
  const out = join(root, 'dataset');
  await mkdir(out, { recursive: true });
  const made = await slowDataset(24, { kinds: ['images'] });
  // Each picture in a folder of its own, so that each is another way in.
  const location = join(root, 'manifest.json');
  const text = await readFile(made.sample.manifestPath, 'utf8');
  await writeFile(location, text.replaceAll(/images1024x1024\/00000\/(\d{5})/g, 'images1024x1024/of-$1/$1'));
  const pictures = Array.from({ length: 24 }, (_, id) => String(id).padStart(5, '0')).map(
    (name) => `images1024x1024/of-${name}/${name}.png`,
  );
  for (const path of pictures) {
    await mkdir(dirname(join(victim, path)), { recursive: true });
    await writeFile(join(victim, path), 'precious');
  }
  const request = {
    ...made.request,
    kinds: ['images'] as const,
    license: { name: 'none' } as const,
    manifest: { name: 'other', location } as const,
    bundleFiles: 24,
  };
  const dataset = { ...made, out, request };
  const worker = await bench.startWorker(dataset, { roots: [root], chunkBytes: 4_096, numThreads: 2 });
  try {
    const run = await bench.startRun(dataset);
    const child = `${run.workflowId}/images/00000`;
    await eventually('a part of a picture', async () =>
      (await readdir(join(out, 'images1024x1024'), { recursive: true }).catch(() => [])).some((name) =>
        name.endsWith('.ffhq-part'),
      ),
    );
    await rename(out, join(root, 'away'));
    await symlink(victim, out);
    made.hurry();
    await eventually('a refusal', async () =>
      (await pendingActivities(bench, [child])).some(({ lastFailure }) =>
        lastFailure?.message?.includes('--root'),
      ),
    );
    for (const path of pictures) expect(await readFile(join(victim, path), 'utf8')).toBe('precious');
    expect(await readdir(victim)).toEqual(['images1024x1024']);
    // It goes on where its folder is back.
    await unlink(out);
    await rename(join(root, 'away'), out);
    expect(await run.result()).toMatchObject({ status: 'complete' });
  } finally {
    await worker.shutdown();
  }
}, 120_000);

import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { alignFlags, filesUnder, manifestFlags } from '../support/arrived-files.ts';
import { serveFaces } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { PATIENCE_MS, User } from '../support/processes.ts';

/** Not ours to publish, so it lies outside the repository. */
const golden = resolve(process.env.FFHQ_GOLDEN ?? '../shared/golden');

test('everything killed in the middle of a picture: no half picture has a name, and what was done is not done again', async () => {
  const dataset = await serveFaces();
  onTestFinished(() => dataset.close());
  const { sample, out } = dataset;
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const command = ['run', '--wilds', ...alignFlags(out), ...manifestFlags(sample), '--license-url', 'none'];
  const done = () =>
    filesUnder(out)
      .filter((path) => path.startsWith('realign1024x1024/') && path.endsWith('.png'))
      .sort()
      .map((path) => [path, statSync(join(out, path)).mtimeMs] as const);
  let before: ReturnType<typeof done> = [];
  for (let life = 1; life <= 2; life++) {
    user.start(command);
    await eventually(`the picture of life ${life}`, () => done().length >= life, PATIENCE_MS);
    await user.killEverything();
    // Of the pictures that were done before, none was written again.
    expect(done().filter(([path]) => before.some(([known]) => known === path))).toEqual(before);
    before = done();
    expect(before.length).toBeLessThan(4);
  }
  const { code, output } = await user.run(command);
  expect(code, output).toBe(0);
  expect(output).toContain('4 identical');
  expect(done().filter(([path]) => before.some(([known]) => known === path))).toEqual(before);
  expect(done().length).toBe(4);
  expect(filesUnder(out).filter((path) => path.endsWith('.ffhq-part'))).toEqual([]);
  expect(user.processes()).toEqual([]);
}, 240_000);

test('the sample, aligned by one command: every picture identical to the published one, file and pixels', async () => {
  const user = await User.make();
  const out = join(user.folder, 'set');
  const flags = ['--sample', '--wilds', '--align', '--file-identical', '--out', out, '--output', 'json'];
  const { code, output } = await user.run(['run', ...flags]);
  expect(code, output).toBe(0);
  const last = output.trim().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({
    result: {
      status: 'complete',
      progress: { kinds: { align: { files: 24, doneFiles: 24, identicalFiles: 24 } } },
    },
  });
}, 240_000);

test.skipIf(!existsSync(join(golden, 'expected.json')))(
  `photographs that lie elsewhere are aligned from there, and nothing is written there [${golden}]`,
  async () => {
    const user = await User.make();
    const out = join(user.folder, 'set');
    const before = filesUnder(golden);
    const flags = ['--align', '--source-dir', golden, '--ids', '0,8', '--license-url', 'none', '--out', out];
    const manifest = join(golden, 'ffhq-dataset-v2.json');
    const { code, output } = await user.run(['run', ...flags, '--manifest', manifest]);
    expect(code, output).toBe(0);
    expect(output).toContain('2 identical');
    expect(filesUnder(join(out, 'realign1024x1024'))).toEqual(['00000/00000.png', '00000/00008.png']);
    expect(filesUnder(golden)).toEqual(before);
  },
  240_000,
);

test('photographs are aligned by one command, and landmarks that are none are refused with their place', async () => {
  const dataset = await serveFaces();
  onTestFinished(() => dataset.close());
  const user = await User.make();
  const photos = join(user.folder, 'photos');
  mkdirSync(photos);
  copyFileSync(join(dataset.sample.folder, 'in-the-wild-images/00000/00000.png'), join(photos, 'anna.png'));
  const points = JSON.parse(readFileSync(dataset.sample.manifestPath, 'utf8'))['0'].in_the_wild
    .face_landmarks;
  const landmarks = join(user.folder, 'faces.csv');
  const command = ['align-photos', photos, '--landmarks', landmarks, '--out', join(user.folder, 'out')];

  writeFileSync(landmarks, 'anna.png,1,2,3\n');
  const refused = await user.run(command);
  expect(refused.code, refused.output).not.toBe(0);
  expect(refused.output).toContain('line 1]: expected a file name and 136 numbers, got 4 cells');

  writeFileSync(landmarks, `anna.png,${points.flat().join(',')}\n`);
  const { code, output } = await user.run(command);
  expect(code, output).toBe(0);
  expect(filesUnder(join(user.folder, 'out/aligned'))).toEqual(['anna_0.png']);
}, 240_000);

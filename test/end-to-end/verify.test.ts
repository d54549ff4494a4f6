import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { byteRequests, expectAllArrived, flagsFor } from '../support/arrived-files.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';
import { rot } from '../support/disks/rot.ts';
import { User } from '../support/processes.ts';

test('bytes that rot with size and time unchanged are found by verify and fetched again by --repair', async () => {
  const dataset = await serveDataset({ records: 6 });
  onTestFinished(() => dataset.close());
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const first = await user.run(['run', ...flagsFor(dataset)]);
  expect(first.code, first.output).toBe(0);

  const rotten = 'images1024x1024/00000/00003.png';
  const lost = 'in-the-wild-images/00000/00005.png';
  rot(join(dataset.out, rotten), join(user.folder, 'time'));
  const from = dataset.drive.requests.length;

  // Trusting its records, a run sees nothing: that is what verify is for.
  const unaware = await user.run(['run', ...flagsFor(dataset)]);
  expect(unaware.code, unaware.output).toBe(0);
  expect(unaware.output).toContain('everything was there already');

  rmSync(join(dataset.out, lost));
  writeFileSync(join(dataset.out, 'images1024x1024/00000/holiday.png'), 'not ours');
  const looked = await user.run(['verify', '--out', dataset.out]);
  expect(looked.code, looked.output).toBe(3);
  const report = (await user.run(['report', '--out', dataset.out])).output;
  for (const words of [rotten, lost, 'holiday.png']) expect(report).toContain(words);
  expect(report).toMatch(/00003.*md5|md5.*00003/i);
  for (const path of [rotten, lost]) expect(byteRequests(dataset, path, from)).toEqual([]);

  const repaired = await user.run(['verify', '--repair', '--out', dataset.out, '--reserve', '0']);
  expect(repaired.code, repaired.output).toBe(0);
  expectAllArrived(dataset);
  const fetched = [...dataset.sample.files.values()].filter(
    ({ filePath }) => filePath.endsWith('.png') && byteRequests(dataset, filePath, from).length > 0,
  );
  expect(fetched.map(({ filePath }) => filePath).sort()).toEqual([rotten, lost]);
  // A server that never heard of the folder: it knows by itself what should be in it.
  rmSync(join(user.folder, 'state'), { recursive: true });
  const again = await user.run(['verify', '--out', dataset.out]);
  expect(again.code, again.output).toBe(0);
  expect(user.processes()).toEqual([]);
}, 240_000);

test('damage that verify found is mended by the same command that made the folder, without another look', async () => {
  const dataset = await serveDataset({ records: 6, kinds: ['thumbs'] });
  onTestFinished(() => dataset.close());
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const command = ['run', ...flagsFor(dataset).filter((flag) => flag !== '-i' && flag !== '-w')];
  expect((await user.run(command)).code).toBe(0);
  const rotten = 'thumbnails128x128/00000/00003.png';
  rot(join(dataset.out, rotten), join(user.folder, 'time'));
  expect((await user.run(['verify', '--out', dataset.out])).code).toBe(3);

  const from = dataset.drive.requests.length;
  const mended = await user.run(command);
  expect(mended.code, mended.output).toBe(0);
  expect(mended.output).not.toContain('everything was there already');
  expectAllArrived(dataset);
  const fetched = [...dataset.sample.files.values()]
    .map(({ filePath }) => filePath)
    .filter((path) => path.endsWith('.png') && byteRequests(dataset, path, from).length > 0);
  expect(fetched).toEqual([rotten]);
}, 240_000);

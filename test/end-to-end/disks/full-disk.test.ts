import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  alignFlags,
  expectAllArrived,
  expectNothingHalf,
  filesUnder,
  flagsFor,
  manifestFlags,
} from '../../support/arrived-files.ts';
import { serveFaces } from '../../support/datasets/serve-dataset.ts';
import { slowDataset } from '../../support/datasets/slow-dataset.ts';
import { fillDisk, mayMount, smallDisk } from '../../support/disks/small-disk.ts';
import { eventually } from '../../support/eventually.ts';
import { PATIENCE_MS, User, within } from '../../support/processes.ts';

const MIB = 1024 ** 2;

test.skipIf(!mayMount())(
  'a disk that fills up makes the run wait and say so, and freed space lets it go on (needs the right to mount)',
  async () => {
    const disk = smallDisk(8);
    const served = await slowDataset(12);
    const dataset = { ...served, out: join(disk, 'out') };
    mkdirSync(dataset.out);
    const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
    const run = user.start(['run', ...flagsFor(dataset), '--num_threads', '4']);
    await run.says(/fetching and verifying/);
    // What the plan had found free is taken.
    const free = fillDisk(disk, MIB / 2);
    served.hurry();
    await run.says(/Store\.DiskFull/);
    const status = await user.run(['status', '--out', dataset.out]);
    expect(status.code, status.output).toBe(0);
    expect(status.output).toContain('Store.DiskFull');
    expectNothingHalf(dataset);

    free();
    const end = await within(run.ended, 'the end of the run');
    expect(end.code, end.output).toBe(0);
    expectAllArrived(dataset);
    expect(user.processes()).toEqual([]);
  },
  240_000,
);

test.skipIf(!mayMount())(
  'a disk too full for the next aligned picture is waited for too, and no picture is half there (needs the right to mount)',
  async () => {
    const dataset = await serveFaces();
    onTestFinished(() => dataset.close());
    const disk = smallDisk(12);
    const out = join(disk, 'out');
    mkdirSync(out);
    const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
    const { sample } = dataset;
    const command = ['run', '--source-dir', sample.folder, ...alignFlags(out)];
    const run = user.start([...command, ...manifestFlags(sample, sample.manifestPath)]);
    const aligned = () => filesUnder(out).filter((path) => path.startsWith('realign1024x1024/'));
    await eventually('the first picture', () => aligned().some((path) => path.endsWith('.png')), PATIENCE_MS);
    const free = fillDisk(disk, MIB / 4);
    await run.says(/Store\.DiskFull/);
    expect(aligned().filter((path) => path.endsWith('.ffhq-part'))).toEqual([]);
    expect(aligned().length).toBeLessThan(4);
    free();
    const end = await within(run.ended, 'the end of the run');
    expect(end.code, end.output).toBe(0);
    expect(end.output).toContain('4 identical');
    expect(aligned().length).toBe(4);
  },
  240_000,
);

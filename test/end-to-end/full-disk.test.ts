import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { expectAllArrived, expectNothingHalf, flagsFor } from '../support/arrived-files.ts';
import { User, within } from '../support/processes.ts';
import { slowDataset } from '../support/slow-dataset.ts';

const MIB = 1024 ** 2;

/** Making a small file system takes rights that not everybody has. */
function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-may-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mounted;
}

test.skipIf(!mayMount())(
  'a disk that fills up makes the run wait and say so, and freed space lets it go on (needs the right to mount)',
  async () => {
    const disk = mkdtempSync(join(tmpdir(), 'ffhq-small-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true });
    });
    const served = await slowDataset(12);
    const dataset = { ...served, out: join(disk, 'out') };
    mkdirSync(dataset.out);
    const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
    const run = user.start(['run', ...flagsFor(dataset), '--num_threads', '4']);
    await run.says(/fetching and verifying/);
    // Somebody else's file takes what the plan had found free.
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'of-somebody-else'), Buffer.alloc(Math.max(0, bavail * bsize - MIB / 2)));
    served.hurry();
    await run.says(/Store\.DiskFull/);
    const status = await user.run(['status', '--out', dataset.out]);
    expect(status.code, status.output).toBe(0);
    expect(status.output).toContain('Store.DiskFull');
    expectNothingHalf(dataset);

    rmSync(join(disk, 'of-somebody-else'));
    const end = await within(run.ended, 'the end of the run');
    expect(end.code, end.output).toBe(0);
    expectAllArrived(dataset);
    expect(user.processes()).toEqual([]);
  },
  240_000,
);

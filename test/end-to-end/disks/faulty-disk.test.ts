import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import {
  alignFlags,
  expectAllArrived,
  filesUnder,
  flagsFor,
  manifestFlags,
} from '../../support/arrived-files.ts';
import { type ServedDataset, serveDataset, serveFaces } from '../../support/datasets/serve-dataset.ts';
import { faultyDisk, hasCompiler } from '../../support/disks/faulty-disk.ts';
import { User } from '../../support/processes.ts';

/** Twelve records to fetch, and a user of the test's own. */
async function twelveRecords(): Promise<{ readonly dataset: ServedDataset; readonly user: User }> {
  const dataset = await serveDataset({ records: 12 });
  onTestFinished(() => dataset.close());
  return { dataset, user: await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin }) };
}

const image = (id: number) => `images1024x1024/00000/${String(id).padStart(5, '0')}.png`;

function failuresOf({ out }: ServedDataset): readonly { readonly key: string; readonly reason: string }[] {
  const report = JSON.parse(readFileSync(join(out, statePaths.reportJson), 'utf8')) as {
    readonly failures: readonly { readonly key: string; readonly reason: string }[];
  };
  return report.failures.map(({ key, reason }) => ({ key, reason }));
}

// One folder and one server for all tests of what has arrived: each leaves every file as it should be.
describe.skipIf(!hasCompiler())('files that are there', () => {
  let dataset: ServedDataset;
  let user: User;
  let command: readonly string[];
  beforeAll(async () => {
    dataset = await serveDataset({ records: 12 });
    user = await User.forFile({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
    await user.start(['server']).says(/Ctrl-C stops it/);
    command = ['run', ...flagsFor(dataset)];
    const first = await user.run(command);
    expect(first.code, first.output).toBe(0);
  });
  beforeEach(() => user.tellOnFailure());
  afterAll(async () => {
    await user.leave();
    await dataset.close();
  });
  test('a sector that cannot be read is the fault of its file: verify names it, and --repair puts another in its place', async () => {
    const disk = faultyDisk({ call: 'read', says: 'EIO', path: `${image(3)}$` });

    const looked = await user.run(['verify', '--out', dataset.out], disk);
    expect(looked.code, looked.output).toBe(3);
    expect(failuresOf(dataset)).toEqual([{ key: '3', reason: 'unreadable' }]);
    expect(readFileSync(join(dataset.out, statePaths.reportText), 'utf8')).toContain(
      `${image(3)}: corrupt (unreadable`,
    );

    const repaired = await user.run(['verify', '--repair', '--out', dataset.out, '--reserve', '0'], disk);
    expect(repaired.code, repaired.output).toBe(0);
    expect(dataset.fetches(image(3))).toBe(2);
    expect(dataset.fetches(image(4))).toBe(1);
    const again = await user.run(['verify', '--out', dataset.out]);
    expect(again.code, again.output).toBe(0);
  }, 300_000);

  test('a folder of which not one file can be read: verify comes to its end and names them all; once they can be read, nothing is fetched', async () => {
    const disk = faultyDisk({ call: 'read', says: 'EIO', path: 'images1024x1024/00000/' });
    const looked = await user.run(['verify', '--out', dataset.out], disk);
    expect(looked.code, looked.output).toBe(3);
    expect(failuresOf(dataset).map(({ reason }) => reason)).toEqual(Array(12).fill('unreadable'));

    const again = await user.run(command);
    expect(again.code, again.output).toBe(0);
    expect(dataset.fetches(image(0))).toBe(1);
    expectAllArrived(dataset);
  }, 300_000);

  test('a bad sector under the notes of a folder costs another look at its files, and nothing else', async () => {
    const disk = faultyDisk(
      { call: 'read', says: 'EIO', path: '.ffhq/store.json$' },
      { call: 'read', says: 'EIO', path: '.ffhq/verified/images/00000/' },
    );
    const again = await user.run(command, disk);
    expect(again.code, again.output).toBe(0);
    expectAllArrived(dataset);
    expect(dataset.fetches(image(5))).toBe(1);
  }, 300_000);
});

test.skipIf(!hasCompiler())(
  'whatever the file system says of single files, each is named with its own reason and all others arrive',
  async () => {
    const { dataset, user } = await twelveRecords();
    const disk = faultyDisk(
      { call: 'open', says: 'ENAMETOOLONG', path: image(1) },
      { call: 'write', says: 'EFBIG', path: image(2) },
      { call: 'rename', says: 'EPERM', path: image(3) },
      { call: 'read', says: 'EIO', path: image(4) },
      { call: 'sync', says: 'ETXTBSY', path: image(5) },
    );
    const run = await user.run(['run', ...flagsFor(dataset), '--num_attempts', '2'], disk);
    expect(run.code, run.output).toBe(3);
    expect(failuresOf(dataset)).toEqual([
      { key: '1', reason: 'unusable-name' },
      { key: '2', reason: 'file-too-large' },
      { key: '3', reason: 'no-permission' },
      { key: '4', reason: 'unreadable' },
      { key: '5', reason: 'file-system' },
    ]);
    const again = await user.run(['run', ...flagsFor(dataset)]);
    expect(again.code, again.output).toBe(0);
    expectAllArrived(dataset);
    expect(filesUnder(dataset.out).filter((path) => path.endsWith('.ffhq-part'))).toEqual([]);
    expect([6, 7, 8, 9, 10, 11].map((id) => dataset.fetches(image(id)))).toEqual([1, 1, 1, 1, 1, 1]);
  },
  300_000,
);

test.skipIf(!hasCompiler())(
  'a file that kills its worker is given up after the worker and two processes of its own, and its neighbours arrive',
  async () => {
    const { dataset, user } = await twelveRecords();
    const disk = faultyDisk({ call: 'read', says: 'kill', path: image(7) });
    const killed = await user.run(['run', ...flagsFor(dataset)], disk);
    expect(killed.signal, killed.output).toBe('SIGKILL');
    const run = await user.run(['run', ...flagsFor(dataset)], disk);
    expect(run.code, run.output).toBe(3);
    expect(failuresOf(dataset)).toEqual([{ key: '7', reason: 'killed-worker' }]);
    const pictures = filesUnder(dataset.out).filter((path) => path.endsWith('.png'));
    expect(pictures).toHaveLength(35);
    expect(user.processes()).toEqual([]);

    const again = await user.run(['run', ...flagsFor(dataset)]);
    expect(again.code, again.output).toBe(0);
    expectAllArrived(dataset);
  },
  300_000,
);

test.skipIf(!hasCompiler())(
  'an original that may not be read costs its own face alone, and one that kills the worker does too',
  async () => {
    const dataset = await serveFaces();
    onTestFinished(() => dataset.close());
    const { sample, out } = dataset;
    const user = await User.make();
    const command = ['run', '--source-dir', sample.folder, ...alignFlags(out)];
    command.push(...manifestFlags(sample, sample.manifestPath));
    const secret = 'in-the-wild-images/00000/00000.png$';
    const disk = faultyDisk(
      { call: 'open', says: 'EACCES', path: secret },
      { call: 'read', says: 'kill', path: 'in-the-wild-images/01000/01000.png$' },
    );
    const killed = await user.run(command, disk);
    expect(killed.signal, killed.output).toBe('SIGKILL');
    const run = await user.run(command, disk);
    expect(run.code, run.output).toBe(3);
    expect(failuresOf(dataset)).toEqual([
      { key: '0', reason: 'no-permission' },
      { key: '1000', reason: 'killed-worker' },
    ]);
    const again = await user.run(command);
    expect(again.code, again.output).toBe(0);
    expect(again.output).toContain('4 identical');
  },
  300_000,
);

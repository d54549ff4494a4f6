import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { filesUnder, lookAtDisk } from '../support/arrived-files.ts';
import { serveSample } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { User } from '../support/processes.ts';
import { makeAlignableDataset } from './alignable-dataset.ts';
import { atItsPlace, commandFor, STATE, writeRecording } from './recording.ts';

/*
 * Records what a version leaves behind in the middle of a run, for `upgrade.test.ts`:
 * `node tools/record-upgrade.mjs <checkout of that version, built> <its name>`.
 */

const checkout = process.env.FFHQ_UPGRADE_CHECKOUT ?? '';
const name = process.env.FFHQ_UPGRADE_NAME ?? '';
const KIB = 1024;

test('a folder and an open run', async () => {
  await atItsPlace(name, async (root) => {
    const sample = await makeAlignableDataset(root, [0, 1, 1000, 1001], 'realign1024x1024');
    const dataset = await serveSample(sample, root);
    onTestFinished(() => dataset.close());
    const { drive, out } = dataset;
    const later = [
      'images1024x1024/00000/00001.png',
      'images1024x1024/01000/01000.png',
      'in-the-wild-images/01000/01001.png',
    ];
    // The original has a thousandth of the bytes: slow enough that its folder is not aligned yet.
    for (const path of later) {
      const bytesPerSecond = path.startsWith('images') ? 2 * KIB : 30;
      drive.behave(dataset.idOf(path), { kind: 'drip', bytesPerSecond });
    }
    const aligned = () =>
      filesUnder(out).filter((path) => path.startsWith('realign') && path.endsWith('.png'));

    const user = await User.make({ FFHQ_GOOGLE_ORIGIN: drive.origin }, checkout);
    const killed = user.start(commandFor(dataset));
    await eventually('a run in the middle', () => {
      const { whole, partial } = lookAtDisk(dataset);
      return (
        aligned().length >= 2 &&
        whole.size >= 11 &&
        [...partial.values()].filter((size) => size >= 4 * KIB).length >= 2
      );
    });
    await killed.kill();
    // The server alone goes in peace; what its journal holds is put into its one file, and room that is free is given up.
    process.kill(user.server()?.process.pid ?? 0, 'SIGTERM');
    await eventually('the end of the server', () => user.processes().length === 0);
    const kept = join(user.folder, 'kept');
    cpSync(out, join(kept, 'out'), { recursive: true, preserveTimestamps: true });
    const database = readdirSync(join(user.folder, STATE)).find((file) => file.endsWith('.db')) ?? '';
    for (const file of [database, `${database}-wal`])
      cpSync(join(user.folder, STATE, file), join(kept, STATE, file));
    const shrink =
      'import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).executescript("vacuum; pragma wal_checkpoint(truncate); pragma journal_mode=delete")';
    execFileSync('python3', ['-c', shrink, join(kept, STATE, database)]);

    for (const path of later) drive.behave(dataset.idOf(path), undefined);
    const { code, output } = await user.run(commandFor(dataset));
    expect(code, output).toBe(0);
    const md5 = (path: string) =>
      createHash('md5')
        .update(readFileSync(join(out, path)))
        .digest('hex');
    const { files, ...about } = sample;
    writeRecording(
      name,
      {
        root,
        sample: about,
        files: [...files],
        aligned: Object.fromEntries(
          aligned()
            .sort()
            .map((path) => [path, md5(path)]),
        ),
      },
      [
        [root, 'origin'],
        [kept, 'out'],
        [kept, 'state'],
      ],
    );
  });
}, 240_000);

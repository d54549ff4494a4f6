import { expect, test } from 'vitest';
import { expectAllArrived, flagsFor } from '../../support/arrived-files.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { User, within } from '../../support/processes.ts';

test('what is closed stays closed when everything is killed, and the same command goes on from there', async () => {
  const dataset = await serveDataset({ records: 4 });
  const { drive } = dataset;
  try {
    const pictures = [...dataset.sample.files.values()].filter(({ filePath }) => filePath.endsWith('.png'));
    const block = (isBlocked: boolean) => {
      for (const { filePath } of pictures)
        drive.behave(dataset.idOf(filePath), isBlocked ? { kind: 'blocked' } : undefined);
    };
    block(true);
    // A block is waited for 25 to 30 s.
    const user = await User.make({ FFHQ_GOOGLE_ORIGIN: drive.origin, FFHQ_WAITS_DIVIDED_BY: '12' });
    const words = ['run', ...flagsFor(dataset)];
    const command = user.start(words);
    await command.says(/waiting: every file of Google Drive: blocked, until .*; since /);
    const refused = drive.requests.filter(({ status }) => status === 429);
    await user.killEverything();
    block(false);
    const from = drive.requests.length;

    const again = user.start(words);
    await again.says(/waiting: every file of Google Drive: blocked, until .*; since /);
    expect(drive.requests.length).toBe(from);
    const { code, output } = await within(again.ended, 'the end of the run');
    expect(code, output).toBe(0);
    expectAllArrived(dataset);
    const [probe, byItself] = drive.requests.slice(from);
    expect(probe?.at).toBeGreaterThanOrEqual((refused[0]?.at ?? 0) + 25_000);
    expect(byItself).toMatchObject({ path: '/download', concurrent: 1 });
    expect(user.processes()).toEqual([]);
  } finally {
    await dataset.close();
  }
}, 180_000);

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { expectAllArrived, filesWith, flagsFor } from '../../support/arrived-files.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { User } from '../../support/processes.ts';

test('what only an account may see comes with its cookies, and these are written nowhere', async () => {
  const dataset = await serveDataset({ records: 2 });
  onTestFinished(() => dataset.close());
  const secrets = mkdtempSync(join(tmpdir(), 'ffhq-cookies-'));
  onTestFinished(() => rmSync(secrets, { recursive: true }));
  const file = join(secrets, 'cookies.txt');
  writeFileSync(file, '.google.com\tTRUE\t/\tTRUE\t0\tSID\tcanary-cookie\n', { mode: 0o600 });
  dataset.drive.behave('all', { kind: 'private', unless: 'SID' });
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin, FFHQ_LOG_LEVEL: 'trace' });

  const { code, output } = await user.run(['run', ...flagsFor(dataset), '--cookies', file]);
  expect(code, output).toBe(0);
  expectAllArrived(dataset);
  await user.killEverything();
  expect(output).not.toContain('canary-cookie');
  for (const folder of [user.folder, dataset.out]) expect(filesWith(folder, 'canary-cookie')).toEqual([]);
}, 120_000);

import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Connection, WorkflowClient } from '@temporalio/client';
import { expect, test } from 'vitest';
import { statePaths } from '../../src/domain/dataset/layout.ts';
import { expectAllArrived, expectGoneOn, flagsFor, lookAtDisk } from '../support/arrived-files.ts';
import type { ServedDataset } from '../support/datasets/serve-dataset.ts';
import { inTheMiddle, manyAtOnce, slowDataset } from '../support/datasets/slow-dataset.ts';
import { User } from '../support/processes.ts';

const run = (dataset: ServedDataset) => ['run', ...flagsFor(dataset), ...manyAtOnce];

function ownerOf(dataset: ServedDataset): { workflowId: string; clusterId: string; home?: string } {
  return JSON.parse(readFileSync(join(dataset.out, statePaths.owner), 'utf8'));
}

test('after a kill and a termination in the UI the same command says so and goes on from the disk', async () => {
  const dataset = await slowDataset(12);
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const killed = user.start(run(dataset));
  await inTheMiddle(dataset);
  await killed.kill();
  const connection = await Connection.connect({ address: `127.0.0.1:${user.server()?.port}` });
  const { workflowId } = ownerOf(dataset);
  await new WorkflowClient({ connection }).getHandle(workflowId).terminate('in the UI');
  await connection.close();
  const before = lookAtDisk(dataset);
  const from = dataset.drive.requests.length;
  dataset.hurry();

  const { code, output } = await user.run(run(dataset));
  expect(output).toContain('the last run of this folder was terminated: this one goes on from what is on');
  expect(code, output).toBe(0);
  expectAllArrived(dataset);
  expect(expectGoneOn(dataset, before, from)).toBeGreaterThanOrEqual(3);
}, 240_000);

test('with the database lost, or of another version of the server, the same command goes on from the disk', async () => {
  const dataset = await slowDataset(12);
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  user.start(run(dataset));
  await inTheMiddle(dataset);
  const { database = '' } = user.server() ?? {};
  await user.killEverything();
  const owner = ownerOf(dataset);
  expect(owner.home).toBeDefined();
  // What a raised version of the CLI finds: a database that is named for another server.
  const folder = dirname(database);
  for (const name of readdirSync(folder).filter((file) => file.startsWith('temporal-')))
    renameSync(join(folder, name), join(folder, name.replace(/^temporal-[\d.]+\.db/, 'temporal-1.0.0.db')));
  const before = lookAtDisk(dataset);
  const from = dataset.drive.requests.length;

  const again = user.start(run(dataset));
  await again.says(/begins with a new database; runs of another version stay in .*temporal-1\.0\.0\.db/);
  await again.says(/its database is another one now: this run goes on from what is on the disk/);
  await again.says(/run started/);
  dataset.hurry();
  const { code, output } = await again.ended;
  expect(code, output).toBe(0);
  expectAllArrived(dataset);
  expect(expectGoneOn(dataset, before, from)).toBeGreaterThanOrEqual(3);
}, 240_000);

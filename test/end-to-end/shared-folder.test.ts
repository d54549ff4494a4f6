import { expect, test } from 'vitest';
import { expectAllArrived, flagsFor } from '../support/arrived-files.ts';
import type { ServedDataset } from '../support/datasets/serve-dataset.ts';
import { inTheMiddle, manyAtOnce, slowDataset } from '../support/datasets/slow-dataset.ts';
import { User, within } from '../support/processes.ts';

const run = (dataset: ServedDataset) => ['run', ...flagsFor(dataset), ...manyAtOnce];

test('a folder in use by a run of another server is refused, naming that run, until it is taken over', async () => {
  const dataset = await slowDataset(12);
  const [one, other] = [
    await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin }),
    await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin }),
  ];
  const first = one.start(run(dataset));
  const [, firstsServer = ''] = await first.says(/Temporal server: (\S+)/);
  const [, workflowId = ''] = await first.says(/run started: (\S+)/);
  await inTheMiddle(dataset);

  const refused = await other.run(run(dataset));
  expect(refused.code, refused.output).toBe(2);
  expect(refused.output).toContain(workflowId);
  expect(refused.output).toContain(firstsServer);
  expect(refused.output).toContain('--take-over');
  expect(other.processes()).toEqual([]);

  const taking = other.start([...run(dataset), '--take-over']);
  const [, takersServer = ''] = await taking.says(/Temporal server: (\S+)/);
  const displaced = await within(first.ended, 'the end of the first run');
  expect(displaced.code, displaced.output).toBe(2);
  expect(displaced.output).toContain(takersServer);
  dataset.hurry();
  const taken = await within(taking.ended, 'the end of the second run');
  expect(taken.code, taken.output).toBe(0);
  expectAllArrived(dataset);
  expect([...one.processes(), ...other.processes()]).toEqual([]);
}, 240_000);

test('commands for different folders share one embedded server, and the last one stops it', async () => {
  const [small, large] = [await slowDataset(4, { seed: 2 }), await slowDataset(8)];
  const user = await User.make();
  const origin = (dataset: ServedDataset) => ({
    FFHQ_GOOGLE_ORIGIN: dataset.drive.origin,
    FFHQ_TASK_QUEUE: `of-${dataset.drive.origin.slice(-5)}`,
  });
  const [first, second] = [user.start(run(small), origin(small)), user.start(run(large), origin(large))];
  const [, address] = await first.says(/Temporal server: (\S+)/);
  await second.says(new RegExp(`Temporal server: ${address}`));
  small.hurry();
  const firstEnd = await within(first.ended, 'the end of the first');
  expect(firstEnd.code, firstEnd.output).toBe(0);
  expectAllArrived(small);
  expect(user.server(), 'the server that the second command uses').toBeDefined();
  const listed = await user.run(['list', '--output', 'json']);
  expect(listed.output).toContain(small.out);
  expect(listed.output).toContain(large.out);
  large.hurry();
  const secondEnd = await within(second.ended, 'the end of the second');
  expect(secondEnd.code, secondEnd.output).toBe(0);
  expectAllArrived(large);
  expect(user.processes()).toEqual([]);
}, 240_000);

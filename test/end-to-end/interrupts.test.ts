import { expect, test } from 'vitest';
import {
  expectAllArrived,
  expectGoneOn,
  expectNothingHalf,
  flagsFor,
  lookAtDisk,
} from '../support/arrived-files.ts';
import type { ServedDataset } from '../support/datasets/serve-dataset.ts';
import { inTheMiddle, manyAtOnce, type SlowDataset, slowDataset } from '../support/datasets/slow-dataset.ts';
import { User, within } from '../support/processes.ts';
import { separateParts, workerCommand } from '../support/separate-parts.ts';

const run = (dataset: ServedDataset) => ['run', ...flagsFor(dataset), ...manyAtOnce];

/** What is on the disk after an interrupt, before the origin gets fast. */
function afterwards(dataset: SlowDataset) {
  expectNothingHalf(dataset);
  const [before, from] = [lookAtDisk(dataset), dataset.drive.requests.length];
  dataset.hurry();
  return { before, from };
}

test('Ctrl-C drains, stops the server and says how to go on; the command given again completes', async () => {
  const dataset = await slowDataset(12);
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const interrupted = user.start(run(dataset));
  await inTheMiddle(dataset);
  const at = Date.now();
  interrupted.signal('SIGINT');
  const end = await within(interrupted.ended, 'an end after Ctrl-C');
  const seconds = (Date.now() - at) / 1000;
  console.log(`end after Ctrl-C: ${seconds.toFixed(1)} s`);
  expect(end.code, end.output).toBe(130);
  expect(end.output).toContain('the run goes on when the command is given again');
  expect(user.processes()).toEqual([]);
  const { before, from } = afterwards(dataset);

  const again = await user.run(run(dataset));
  expect(again.code, again.output).toBe(0);
  expect(again.output).toContain('going on with it');
  expectAllArrived(dataset);
  expect(expectGoneOn(dataset, before, from)).toBeGreaterThanOrEqual(4);
  expect(user.processes()).toEqual([]);
  expect(seconds).toBeLessThan(10);
}, 240_000);

test('a second Ctrl-C ends the command at once, and the next command still cleans up', async () => {
  const dataset = await slowDataset(8);
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const interrupted = user.start(run(dataset));
  await inTheMiddle(dataset);
  interrupted.signal('SIGINT');
  await interrupted.says(/draining the worker/);
  const at = Date.now();
  interrupted.signal('SIGINT');
  const end = await within(interrupted.ended, 'an end at once');
  expect(end.code, end.output).toBe(130);
  expect(Date.now() - at).toBeLessThan(2_000);
  const { before, from } = afterwards(dataset);
  const again = await user.run(run(dataset));
  expect(again.code, again.output).toBe(0);
  expectAllArrived(dataset);
  expectGoneOn(dataset, before, from);
  expect(user.processes()).toEqual([]);
}, 240_000);

test('SIGTERM drains a worker in seconds, and another worker goes on with its files by Range', async () => {
  const { dataset, user, server, worker: first } = await separateParts(12);
  const at = Date.now();
  first.signal('SIGTERM');
  const end = await within(first.ended, 'an end after SIGTERM');
  const seconds = (Date.now() - at) / 1000;
  console.log(`end of a worker after SIGTERM: ${seconds.toFixed(1)} s`);
  expect(end.code, end.output).toBe(130);
  const before = lookAtDisk(dataset);
  const from = dataset.drive.requests.length;
  dataset.hurry();

  const second = user.start(workerCommand);
  const watched = await user.run(['watch', '--out', dataset.out]);
  expect(watched.code, watched.output).toBe(0);
  expectAllArrived(dataset);
  expect(expectGoneOn(dataset, before, from)).toBeGreaterThanOrEqual(4);
  second.signal('SIGTERM');
  await within(second.ended, 'the end of the second worker');
  server.signal('SIGTERM');
  await within(server.ended, 'the end of the server');
  expect(user.processes()).toEqual([]);
  expect(seconds).toBeLessThan(8);
}, 240_000);

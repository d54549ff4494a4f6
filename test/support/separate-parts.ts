import { expect } from 'vitest';
import { flagsFor } from './arrived-files.ts';
import { inTheMiddle, manyAtOnce, type SlowDataset, slowDataset } from './datasets/slow-dataset.ts';
import { type Command, User } from './processes.ts';

/** The command of a worker in whose hands many files are begun at the same time. */
export const workerCommand = ['worker', ...manyAtOnce, '--reserve', '0'] as const;

/** A server, a run that was started, and a worker in the middle of its files, each a process of the same user. */
export interface SeparateParts {
  readonly dataset: SlowDataset;
  readonly user: User;
  readonly server: Command;
  readonly worker: Command;
}

export async function separateParts(records: number): Promise<SeparateParts> {
  const dataset = await slowDataset(records);
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const server = user.start(['server']);
  await server.says(/Ctrl-C stops it/);
  const started = await user.run(['start', ...flagsFor(dataset)]);
  expect(started.code, started.output).toBe(0);
  const worker = user.start(workerCommand);
  await inTheMiddle(dataset);
  return { dataset, user, server, worker };
}

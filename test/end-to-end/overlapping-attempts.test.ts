import { expect, test } from 'vitest';
import { expectAllArrived, expectGoneOn, lookAtDisk } from '../support/arrived-files.ts';
import { eventually } from '../support/eventually.ts';
import { PATIENCE_MS, within } from '../support/processes.ts';
import { separateParts, workerCommand } from '../support/separate-parts.ts';

test(
  'a worker that sleeps past its heartbeat timeout and wakes up again spoils no file, and what it had is not fetched again',
  async () => {
    const { dataset, user, server, worker: sleeper } = await separateParts(8);
    sleeper.signal('SIGSTOP');
    const asleep = lookAtDisk(dataset);
    const from = dataset.drive.requests.length;
    // Only for requests to come: the sleeper's own go on as slowly as before.
    dataset.hurry();

    const second = user.start(workerCommand);
    const watched = await user.run(['watch', '--out', dataset.out]);
    expect(watched.code, watched.output).toBe(0);
    const gone = expectGoneOn(dataset, asleep, from);
    expect(gone, 'files that went on at the byte where the sleeper stood').toBeGreaterThanOrEqual(3);

    sleeper.signal('SIGCONT');
    await eventually('no unfinished files', () => lookAtDisk(dataset).partial.size === 0, 60_000);
    expectAllArrived(dataset);
    sleeper.signal('SIGTERM');
    second.signal('SIGTERM');
    expect((await within(sleeper.ended, 'the end of the sleeper')).code).toBe(130);
    await within(second.ended, 'the end of the second worker');
    expectAllArrived(dataset);

    const verified = await user.run(['verify', '--out', dataset.out]);
    expect(verified.code, verified.output).toBe(0);
    expect(verified.output).not.toMatch(/foreign|failed/);
    server.signal('SIGINT');
    await within(server.ended, 'the end of the server');
    expect(user.processes()).toEqual([]);
  },
  PATIENCE_MS * 2,
);

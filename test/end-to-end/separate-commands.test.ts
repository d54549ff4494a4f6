import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { versionedTaskQueue } from '../../src/domain/run/task-queues.ts';
import { someWorkerPolls } from '../../src/runs/worker-polls.ts';
import { connectClient, connectNative, settingsForAddress } from '../../src/temporal/connection.ts';
import {
  expectAllArrived,
  expectNothingHalf,
  flagsFor,
  lookAtDisk,
  manifestFlags,
} from '../support/arrived-files.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';
import { inTheMiddle, manyAtOnce, slowDataset } from '../support/datasets/slow-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { User, within } from '../support/processes.ts';

test('server, run, worker and display are separate processes for those who want them so', async () => {
  const dataset = await slowDataset(12);
  const { out } = dataset;
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const give = async (...words: string[]) => {
    const { code, output } = await user.run(words);
    return { code, output };
  };
  const server = user.start(['server']);
  await server.says(/Ctrl-C stops it/);

  const started = await give('start', ...flagsFor(dataset));
  expect(started.code, started.output).toBe(0);
  expect(started.output).toContain('no worker polls');
  const [, workflowId = ''] = /run started: (\S+)/.exec(started.output) ?? [];
  expect(workflowId).toMatch(/^ffhq-out-[0-9a-f]{8}$/);
  // The same again attaches; another request is refused with the way out.
  const again = await give('start', ...flagsFor(dataset));
  expect(again.code, again.output).toBe(0);
  expect(again.output).toContain('open already');
  const other = await give('start', ...flagsFor(dataset).filter((flag) => flag !== '-w'));
  expect(other.code, other.output).toBe(2);
  expect(other.output).toContain(`ffhq cancel --out ${out}`);
  const unanswered = await give('pause', '--out', out);
  expect(unanswered.code, unanswered.output).toBe(2);
  expect(unanswered.output).toContain('npm run worker');

  const worker = user.start(['worker', ...manyAtOnce, '--reserve', '0']);
  const watching = user.start(['watch', workflowId]);
  await inTheMiddle(dataset);

  const paused = await give('pause', '--out', out);
  expect(paused.code, paused.output).toBe(0);
  expect((await give('pause', '--out', out)).code).toBe(2);
  await eventually('nothing in flight', () => dataset.drive.requests.every(({ closed }) => closed), 60_000);
  const parked = await give('status', '--out', out);
  expect(parked.code, parked.output).toBe(5);
  expect(parked.output).toContain('paused');
  const resumed = await give('resume', '--out', out);
  expect(resumed.code, resumed.output).toBe(0);
  expect((await give('status', '--out', out)).code).toBe(0);
  const listed = await give('list');
  expect(listed.code, listed.output).toBe(0);
  expect(listed.output).toMatch(new RegExp(`${workflowId} +running`));

  dataset.hurry();
  const watched = await within(watching.ended, 'the end of watch');
  expect(watched.code, watched.output).toBe(0);
  expectAllArrived(dataset);
  expect((await give('watch', '--out', out)).code).toBe(0);
  const report = await give('report', '--out', out, '--output', 'json');
  expect(report.code, report.output).toBe(0);
  const [line = ''] = report.output.split('\n').filter((text) => text.startsWith('{'));
  expect(JSON.parse(line)).toMatchObject({ event: 'report', report: { status: 'complete', failures: [] } });

  worker.signal('SIGINT');
  expect((await within(worker.ended, 'the end of the worker')).code).toBe(130);
  server.signal('SIGINT');
  expect((await within(server.ended, 'the end of the server')).code).toBe(0);
  expect(user.processes()).toEqual([]);
}, 240_000);

test('cancel stops every writer before the run closes, and watch says so by its exit code', async () => {
  const dataset = await slowDataset(12);
  const { out } = dataset;
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const running = user.start(['run', ...flagsFor(dataset), ...manyAtOnce]);
  await inTheMiddle(dataset);
  const watching = user.start(['watch', '--out', out]);
  await watching.says(/fetching and verifying/);
  const at = Date.now();
  const cancelled = await user.run(['cancel', '--out', out]);
  const seconds = (Date.now() - at) / 1000;
  console.log(`cancel: ${seconds.toFixed(1)} s`);
  expect(cancelled.code, cancelled.output).toBe(0);
  expect(cancelled.output).toContain('cancelled');
  const writing = dataset.drive.requests.filter(({ closed }) => !closed);
  expect(writing, 'transfers still going on').toEqual([]);
  const before = lookAtDisk(dataset);
  for (const command of [running, watching]) {
    const { code, output } = await within(command.ended, 'an end after cancel');
    expect(code, output).toBe(4);
  }
  expect(lookAtDisk(dataset)).toEqual(before);
  expectNothingHalf(dataset);
  const refused = await user.run(['cancel', '--out', out]);
  expect(refused.code, refused.output).toBe(2);
  expect(user.processes()).toEqual([]);

  dataset.hurry();
  const anew = await user.run(['run', ...flagsFor(dataset)]);
  expect(anew.code, anew.output).toBe(0);
  expectAllArrived(dataset);
}, 240_000);

test('a worker of another version on the same server gets no task of a run, and spoils none', async () => {
  const dataset = await serveDataset({ records: 4, kinds: ['thumbs'] });
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const server = user.start(['server']);
  await server.says(/Ctrl-C stops it/);
  const settings = settingsForAddress(`127.0.0.1:${user.server()?.port}`, 'default');
  const { client, connection } = await connectClient(settings);
  const native = await connectNative(settings);
  // Its workflow code decides otherwise: every task that it gets fails.
  const others = await Promise.all(
    ['ffhq', 'ffhq-v3'].map((taskQueue) =>
      Worker.create({
        connection: native,
        taskQueue,
        workflowsPath: fileURLToPath(new URL('../runs/fixtures/failing-workflow.ts', import.meta.url)),
      }),
    ),
  );
  const running = others.map((worker) => worker.run());
  try {
    await eventually('the other worker', () => someWorkerPolls(client, 'ffhq'));
    const flags = ['-t', '--out', dataset.out, '--reserve', '0', '--license-url', 'none'];
    const started = await user.run(['start', ...flags, ...manifestFlags(dataset.sample)]);
    expect(started.code, started.output).toBe(0);
    const taskQueue = versionedTaskQueue('ffhq');
    expect(started.output).toContain(`no worker polls Task Queue ${taskQueue}`);
    const [, workflowId = ''] = /run started: (\S+)/.exec(started.output) ?? [];
    const worker = user.start(['worker', '--reserve', '0']);
    await worker.says(new RegExp(`worker started: Task Queue ${taskQueue},`));
    const run = client.workflow.getHandle(workflowId);
    expect(await within(run.result(), 'the end of the run')).toMatchObject({ status: 'complete' });
    const { events } = await run.fetchHistory();
    expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  } finally {
    for (const worker of others) worker.shutdown();
    await Promise.all(running);
    await native.close();
    await connection.close();
    await dataset.close();
  }
}, 240_000);

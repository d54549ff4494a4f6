import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { manifestFlags } from '../../support/arrived-files.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { User, within } from '../../support/processes.ts';

const LIMIT = 768 * 1024;

interface Status {
  readonly view: {
    readonly slowedBy?: string;
    readonly limits: object;
    readonly sources: readonly unknown[];
  };
  readonly children: readonly {
    readonly activities: readonly { readonly state: string; readonly worker?: string }[];
  }[];
}

test('two workers keep to a limit together, which another command changes while they run', async () => {
  const dataset = await serveDataset({ records: 500, kinds: ['images'], noiseBits: 8, pngSize: 160 });
  onTestFinished(() => dataset.close());
  const { drive, out, sample } = dataset;
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: drive.origin });
  const give = async (...words: string[]) => {
    const { code, output } = await user.run(words);
    expect(code, output).toBe(0);
    return output;
  };
  const status = async (): Promise<Status> => {
    const lines = (await give('status', '--out', out, '--output', 'json')).split('\n');
    return JSON.parse(lines.findLast((line) => line.startsWith('{"event":"status"')) ?? '');
  };
  const bytesSent = () => drive.requests.reduce((sum, request) => sum + request.bytesSent, 0);
  const server = user.start(['server']);
  await server.says(/Ctrl-C stops it/);
  const started = ['start', '-i', '--out', out, '--license-url', 'none', ...manifestFlags(sample)];
  const limited = [...started, '--bundle-files', '20', '--bwlimit', '768k'];
  await give(...limited);
  const workers = [1, 2].map(() => user.start(['worker', '--num_threads', '4', '--reserve', '0']));
  await Promise.all(workers.map((worker) => worker.says(/worker started/)));
  const early = await eventually('both workers at work', async () => {
    const seen = await status();
    const started = seen.children.flatMap(({ activities }) => activities);
    const at = started.filter(({ state }) => state === 'started').map(({ worker }) => worker);
    return new Set(at).size === 2 ? seen : undefined;
  });
  expect(early.view.limits).toEqual({ bandwidth: { text: '768K' } });

  // Both have seen by then that there are two.
  await sleep(2_500);
  const [bytes, at] = [bytesSent(), performance.now()];
  await sleep(8_000);
  const perSecond = (bytesSent() - bytes) / ((performance.now() - at) / 1000);
  console.log(`limit of 768 KiB/s over two workers: ${(perSecond / 1024).toFixed(0)} KiB/s`);
  // Of so short a time what lies in the buffers of connections is more than a tenth, and a busy machine may fall short of
  // any limit: bench/limits.ts holds it to a tenth both ways, in 30 s. The law here is that two workers are not two limits.
  expect(perSecond).toBeGreaterThan(0);
  expect(perSecond / LIMIT).toBeLessThan(1.2);

  const set = await give('set', '--out', out, '--bwlimit', '640k', '--num_threads', '2');
  expect(set).toContain('640K/s, 2 files in flight per worker');
  await eventually('two files per worker', () => {
    const open = drive.requests.filter(({ closed, status }) => !closed && status === 200);
    return open.length > 0 && open.length <= 4;
  });
  // The same command again takes nothing back, and another one says what holds.
  expect(await give(...limited)).not.toContain('keeps its limits');
  expect(await give(...limited.slice(0, -1), '3M')).toContain('this run keeps its limits: 640K/s');
  const late = await eventually('the word for what slows it down', async () => {
    const seen = await status();
    return seen.view.slowedBy === undefined ? undefined : seen;
  });
  expect(late.view.limits).toEqual({ bandwidth: { text: '640K' }, files: 2 });
  expect(late.view.slowedBy).toBe('limit');
  expect(late.view.sources.length).toBeGreaterThan(0);

  await give('set', '--out', out, '--bwlimit', 'off', '--num_threads', 'off');
  const watching = user.start(['watch', '--out', out]);
  expect((await within(watching.ended, 'the end of the run')).code).toBe(0);
  const closed = await user.run(['set', '--out', out, '--bwlimit', '1M']);
  expect(closed.code, closed.output).toBe(2);
  expect(closed.output).toContain('expected an open run, got a closed one');
}, 240_000);

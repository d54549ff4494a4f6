import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { filesWith, flagsFor } from '../../support/arrived-files.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { startHttpProxy } from '../../support/network/http-proxy.ts';
import { User } from '../../support/processes.ts';

test('a proxy of the environment is asked for nothing on this machine, the Temporal server included', async () => {
  const dead = 'http://127.0.0.1:9';
  const user = await User.make({
    // The sample takes a minute to draw.
    XDG_CACHE_HOME: dirname(readConfig(process.env).cacheDir),
    ...{ http_proxy: dead, https_proxy: dead, HTTP_PROXY: dead, HTTPS_PROXY: dead, grpc_proxy: dead },
    ...{ no_proxy: '', NO_PROXY: '', ALL_PROXY: dead, all_proxy: dead },
  });
  const { code, output } = await user.run(['run', '--sample', '--out', join(user.folder, 'out')]);
  expect(code, output).toBe(0);
  expect(output).toContain('complete: 24 records');
  expect(output).not.toContain('proxy');
}, 240_000);

test('a proxy that refuses the login stops the source by the proxy’s name, and its password is written nowhere', async () => {
  const dataset = await serveDataset({ records: 4 });
  onTestFinished(() => dataset.close());
  const proxy = await startHttpProxy({ login: 'me:right' });
  onTestFinished(() => proxy.close());
  const user = await User.make({
    FFHQ_GOOGLE_ORIGIN: dataset.drive.origin,
    HTTPS_PROXY: proxy.origin.replace('//', '//me:hunter2-wrong@'),
    FFHQ_LOG_LEVEL: 'trace',
  });
  const run = user.start(['run', ...flagsFor(dataset), '--mirror-url', 'https://mirror.test/']);
  await run.says(/Source\.ProxyLogin/);
  const { output } = await user.run(['status', '--out', dataset.out]);
  expect(output).toContain(`proxy=${proxy.origin}`);
  expect(output).toContain('put it into HTTPS_PROXY');
  const cancelled = await user.run(['cancel', '--out', dataset.out]);
  await eventually('the run to end', async () => (await run.ended).code !== undefined);
  await user.killEverything();
  for (const text of [output, cancelled.output, run.output()]) expect(text).not.toContain('hunter2');
  for (const folder of [user.folder, dataset.out]) expect(filesWith(folder, 'hunter2')).toEqual([]);
  expect(proxy.asked).toContain('CONNECT mirror.test:443');
});

import { expect, onTestFinished, test } from 'vitest';
import { filesWith, flagsFor } from '../../support/arrived-files.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { User } from '../../support/processes.ts';
import { picture } from '../../support/watch-run.ts';

const KEY = 'AIzaPlantedKeyPlantedKeyPlantedKey0123x';

test('with an API key everything comes by Google’s API, past its rate limit, and the key is written nowhere', async () => {
  const dataset = await serveDataset({ records: 4 });
  onTestFinished(() => dataset.close());
  const limited = [picture('thumbs', 0), picture('images', 3)].map((path) => dataset.idOf(path));
  for (const id of limited) {
    dataset.drive.behave(id, {
      ...({ kind: 'api-error', status: 403, domain: 'usageLimits', times: 1 } as const),
      reason: 'userRateLimitExceeded',
    });
  }
  const user = await User.make({
    FFHQ_GOOGLE_ORIGIN: dataset.drive.origin,
    FFHQ_GOOGLE_API_KEY: KEY,
    FFHQ_LOG_LEVEL: 'trace',
  });
  const { code, output } = await user.run(['run', ...flagsFor(dataset)]);
  expect(code, output).toBe(0);
  expect(output).not.toContain(KEY);
  await user.killEverything();
  for (const folder of [user.folder, dataset.out]) expect(filesWith(folder, KEY)).toEqual([]);
  const { requests } = dataset.drive;
  expect(new Set(requests.map(({ host, apiKey }) => `${host} ${apiKey}`))).toEqual(
    new Set(['www.googleapis.com true']),
  );
  expect(JSON.stringify(requests)).not.toContain(KEY);
  for (const id of limited)
    expect(requests.filter(({ file }) => file === id).map(({ status }) => status)).toEqual([403, 200]);
});

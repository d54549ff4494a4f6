import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { User } from '../../support/processes.ts';

test('a newcomer sees a hub whose limit is waited for; what nothing here stands in for is refused', async () => {
  // The sample takes a minute to draw.
  const user = await User.make({
    XDG_CACHE_HOME: dirname(readConfig(process.env).cacheDir),
    HF_TOKEN: 'a b',
  });
  const out = join(user.folder, 'out');
  const { code, output } = await user.run([
    'run',
    '--sample',
    '--source',
    'huggingface',
    '--thumbs',
    '--out',
    out,
  ]);
  expect(code, output).toBe(0);
  expect(output).toContain('answers 20 requests in 5 s');
  expect(output).toMatch(/thumbs +24\/24 files there and verified/);
  const refused = await user.run([
    'run',
    '--sample',
    '--source',
    'local-dir',
    '--out',
    join(user.folder, 'x'),
  ]);
  expect(refused.code, refused.output).toBe(2);
  expect(refused.output).toContain(
    'flag [--source]: expected one of google-drive, zip, tar, http-mirror, huggingface with --sample, got local-dir',
  );
}, 240_000);

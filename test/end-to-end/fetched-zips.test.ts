import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { User } from '../support/processes.ts';

test('what --zips has fetched is a source of pictures, for its own folder without a word and for others by its path', async () => {
  // The sample takes a minute to draw.
  const user = await User.make({ XDG_CACHE_HOME: dirname(readConfig(process.env).cacheDir) });
  const [out, other] = [join(user.folder, 'out'), join(user.folder, 'other')];
  const fetched = await user.run(['run', '--sample', '--zips', 'thumbnails128x128', '--out', out]);
  expect(fetched.code, fetched.output).toBe(0);
  // The sample's Drive is gone: nothing but the archive is left to be asked.
  const manifest = ['--manifest', join(out, 'ffhq-dataset-v2.json'), '--license-url', 'none'];
  const run = (...asked: readonly string[]) => user.run(['run', ...asked, '--source', 'zip', ...manifest]);
  const here = await run('--thumbs', '--out', out);
  expect(here.code, here.output).toBe(0);
  expect(here.output).toMatch(/thumbs +24\/24 files there and verified, .*; 24 fetched/);
  const zip = join(out, 'zips/thumbnails128x128.zip');
  const elsewhere = await run('--thumbs', '--zip', zip, '--out', other);
  expect(elsewhere.code, elsewhere.output).toBe(0);
  expect(elsewhere.output).toMatch(/thumbs +24\/24 files there and verified, .*; 24 fetched/);
  const refused = await run('--thumbs', '--images', '--out', out);
  expect(refused.code, refused.output).toBe(2);
  expect(refused.output).toContain(`${join(out, 'zips/images1024x1024.zip')} is not there`);
}, 240_000);

import { readFile } from 'node:fs/promises';
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

test('another encoding is accepted out of tars, stored as PNG and counted; verify knows it', async () => {
  const user = await User.make({ XDG_CACHE_HOME: dirname(readConfig(process.env).cacheDir) });
  const out = join(user.folder, 'out');
  const asked = ['run', '--sample', '--source', 'huggingface', '--hf-layout', 'tars', '--out', out];
  const strict = await user.run(asked);
  expect(strict.code, strict.output).toBe(2);
  expect(strict.output).toContain('flag [--accept]: expected pixels, got nothing');
  const { code, output } = await user.run([...asked, '--accept', 'pixels']);
  expect(code, output).toBe(0);
  const line = /images +24\/24 files there and verified, .*24 taken by their pixels/;
  expect(output).toMatch(line);
  expect(output).toContain('from huggingface: 24 files');
  const picture = await readFile(join(out, 'images1024x1024/00000/00003.png'));
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  const verified = await user.run(['verify', '--out', out]);
  expect(verified.code, verified.output).toBe(0);
  expect(verified.output).toMatch(line);
}, 240_000);

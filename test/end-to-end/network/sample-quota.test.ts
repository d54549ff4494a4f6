import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { User } from '../../support/processes.ts';

test('a newcomer sees a quota, what waits for it until when, and its end', async () => {
  // The sample takes a minute to draw.
  const user = await User.make({ XDG_CACHE_HOME: dirname(readConfig(process.env).cacheDir) });
  const out = join(user.folder, 'out');
  const began = Date.now();
  const { code, output } = await user.run(['run', '--sample', '--quota', '--thumbs', '--out', out]);
  expect(code, output).toBe(0);
  expect(output).toContain('is over its quota for 8 s');
  const [, until = ''] =
    /waiting: thumbs 00000: 1 file: quota, until (\S+) \(in \d+s\); refused since/.exec(output) ?? [];
  expect(Date.parse(until), output).toBeGreaterThan(began + 10_000);
  expect(Date.parse(until)).toBeLessThan(Date.now());
  expect(output).toMatch(/complete: 24 records\n/);
  expect(output).toMatch(/thumbs +24\/24 files there and verified/);
}, 240_000);

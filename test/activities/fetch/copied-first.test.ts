import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copiedFirst } from '../../../src/activities/fetch/copied-first.ts';
import type { Source } from '../../../src/activities/sources/contract/source.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import { outcomeOf } from '../sources/reading.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-copied-'));
});
afterEach(() => rm(root, { recursive: true }));

test('the source behind the copies hears of what it gave itself, of nothing else, and is named by it', async () => {
  await writeFile(join(root, 'twin'), 'twin');
  const heard: string[] = [];
  const mirrors: Source = {
    name: 'mirrors',
    open: async () => ({ status: 'opened', from: 0, body: (async function* () {})() }),
    judged: ({ path }, verdict) => {
      heard.push(`${path} ${verdict}`);
      return { hasAnother: true, said: 'a.example wrong bytes' };
    },
  };
  let twins: readonly string[] = ['gone', 'twin'];
  const copies = { of: async () => twins, copied: new Set<string>() };
  const source = await copiedFirst(root, copies, async () => mirrors)();
  const file: FileSpec = { kind: 'wilds', key: '7', url: '', path: 'x' };
  const get = () => source.open(file, { offset: 0 }, new AbortController().signal);

  expect(String((await outcomeOf(source, file)).bytes)).toBe('twin');
  expect(source.judged?.(file, 'wrong')).toEqual({ hasAnother: false, said: '' });
  twins = [];
  expect(await get()).toMatchObject({ source: 'mirrors' });
  expect(source.judged?.(file, 'wrong')).toEqual({ hasAnother: true, said: 'a.example wrong bytes' });
  twins = ['twin'];
  expect(String((await outcomeOf(source, file)).bytes)).toBe('twin');
  source.judged?.(file, 'wrong');
  expect(heard).toEqual(['x wrong']);
});

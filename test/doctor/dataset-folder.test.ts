import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import checkDatasetFolder from '../../src/doctor/checks/dataset-folder.ts';
import type { Question } from '../../src/doctor/question.ts';
import { asNobody } from '../support/as-nobody.ts';
import { questionOf } from './question.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function found(change: Partial<Question>) {
  const { findings } = await checkDatasetFolder(questionOf({ out: folder, ...change }));
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
}

test('a folder that serves is told with its file system and its room, and nothing stays in it', async () => {
  const findings = await found({});
  expect(Object.keys(findings)).toEqual(['dataset folder', 'writing there', 'room']);
  expect(findings['writing there']?.status).toBe('ok');
  expect(findings.room?.found).toMatch(/iB and .* files free; .*--thumbs \(1\.95 GiB\) .*fit/);
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder that is not there is not made: what will hold it is looked at', async () => {
  const out = join(folder, 'a/b');
  const findings = await found({ out });
  expect(findings['dataset folder']?.found).toContain(`${out} (will be made in ${folder})`);
  expect(findings['writing there']).toMatchObject({ status: 'ok', found: 'the folder can be made' });
  expect(existsSync(join(folder, 'a'))).toBe(false);
});

test('what can be no dataset folder is a problem, with what to do', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'mine');
  for (const out of [file, join(file, 'below')]) {
    expect(await found({ out })).toEqual({
      'dataset folder': expect.objectContaining({
        status: 'problem',
        todo: expect.stringContaining('--out'),
      }),
    });
  }
  expect(await found({ project: folder })).toMatchObject({ 'dataset folder': { status: 'problem' } });
  mkdirSync(join(folder, 'closed'), { mode: 0o755 });
  const closed = await asNobody(() => found({ out: join(folder, 'closed') }));
  const status = process.getuid?.() === 0 ? 'problem' : 'ok';
  if (closed['writing there']) expect(closed['writing there'].status).toBe(status);
  else expect(closed['dataset folder']).toMatchObject({ status: 'problem' });
});

test('room is held against what is asked for, and a folder that was begun is no problem', async () => {
  expect((await found({ reserveBytes: 1e18 })).room).toMatchObject({ status: 'problem' });
  const tight = { kinds: ['wilds'], ids: '0-9', reserveBytes: 0 } as const;
  expect((await found(tight)).room).toMatchObject({
    status: 'ok',
    found: expect.stringContaining('takes 139.7 MiB in 10 files'),
  });
  const { found: there = '' } = (await found({})).room ?? {};
  const [, size = '', unit = 'B'] = /^([\d.]+) (\S+)/.exec(there) ?? [];
  const free = Number(size) * 1024 ** ['B', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit);
  // All but some GiB: less than the originals take.
  const full = { kinds: ['wilds'], reserveBytes: Math.floor(free * 0.9) } as const;
  expect((await found(full)).room?.status).toBe('problem');
  mkdirSync(join(folder, '.ffhq'));
  writeFileSync(join(folder, '.ffhq/store.json'), '{}');
  expect((await found(full)).room).toMatchObject({
    status: 'note',
    todo: expect.stringContaining('--dry-run'),
  });
});

import { expect, test } from 'vitest';
import { askedFiles } from '../../../../../src/domain/dataset/asked-files.ts';
import type { LargeFileSpec } from '../../../../../src/domain/dataset/reference-files.ts';
import { driveEntryOf } from '../../../../../src/domain/network/drive-file.ts';
import { named, outcomeOf } from '../../reading.ts';
import { apiDrive, bytes, file } from './api-drive.ts';

const zip = askedFiles('zips', {}).find(({ key }) => key === 'in-the-wild-images.zip') as LargeFileSpec;
const { folder = '' } = driveEntryOf(new URL(zip.url)) ?? {};
/** The archive of which nobody published an id, as large as the stand-in's. */
const archive = { ...zip, size: bytes.length, md5: file.md5 ?? '' } as LargeFileSpec;
const inFolder = { name: 'in-the-wild-images.zip' };
const listing = (ids: readonly string[]) => ({ folders: new Map([[folder, ids]]) });

test('an archive without a published id is found in its folder by whoever has a key: listed once, then fetched', async () => {
  const { standIn, source } = await apiDrive({ label: inFolder, api: listing(['id42']) });
  for (const offset of [0, 100])
    expect(named((await outcomeOf(source, archive, { offset })).bytes)).toBe(named(bytes.subarray(offset)));
  expect(standIn.requests.map(({ path }) => path)).toEqual([
    '/drive/v3/files',
    '/drive/v3/files/id42',
    '/drive/v3/files/id42',
  ]);
  expect(standIn.requests[0]?.query).toMatchObject({
    q: `'${folder}' in parents and name = 'in-the-wild-images.zip' and trashed = false`,
    pageSize: '10',
  });
});

test('of several files of the name the one is taken that is what it should be', async () => {
  const { standIn, source } = await apiDrive({ label: inFolder, api: listing(['other42', 'id42']) });
  expect(named((await outcomeOf(source, archive)).bytes)).toBe(named(bytes));
  expect(standIn.requests.at(-1)?.path).toBe('/drive/v3/files/id42');
});

test.each<[string, Parameters<typeof apiDrive>[0], string]>([
  ['without a key or login', { env: {} }, 'neither --zip-id in-the-wild-images=ID nor an API key or login'],
  ['in a folder that does not have it', { api: listing([]) }, 'got none'],
])('%s it is not to be had, and what to give is said', async (_, how, words) => {
  const { standIn, source } = await apiDrive(how);
  const { failure } = await outcomeOf(source, archive);
  expect(failure).toMatchObject({ reason: 'id-unknown', detail: expect.stringContaining(words) });
  expect(standIn.requests.length).toBeLessThanOrEqual(1);
});

test('an id that the run names is asked for as any other file`s, with a key or without', async () => {
  for (const env of [{}, undefined]) {
    const { standIn, source } = await apiDrive(env === undefined ? {} : { env });
    const [own] = askedFiles('zips', { zips: { 'in-the-wild-images.zip': { id: 'own42' } } });
    const asked = { ...archive, url: own?.url ?? '' };
    expect(named((await outcomeOf(source, asked)).bytes)).toBe(named(bytes));
    expect(standIn.requests.some(({ path }) => path === '/drive/v3/files')).toBe(false);
  }
});

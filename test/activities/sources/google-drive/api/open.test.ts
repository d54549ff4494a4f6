import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { md5Of } from '../../../../../src/domain/dataset/digest.ts';
import { named, never, outcomeOf } from '../../reading.ts';
import { apiDrive, bytes, file, KEY } from './api-drive.ts';

const whole = named(bytes);

test('a worker with an API key asks the API, once for a file, with the key in a header and nowhere else', async () => {
  const { standIn, source } = await apiDrive({ api: { key: KEY } });
  const { bytes: got } = await outcomeOf(source, file);
  expect(named(got)).toBe(whole);
  expect(standIn.requests).toHaveLength(1);
  expect(standIn.requests[0]).toMatchObject({
    host: 'www.googleapis.com',
    path: '/drive/v3/files/id42',
    query: { alt: 'media' },
    apiKey: true,
    authorization: false,
    range: undefined,
    cookies: [],
    acceptEncoding: undefined,
  });
  expect(JSON.stringify(standIn.requests)).not.toContain(KEY);
});

test('a worker without one asks as everybody may', async () => {
  const { standIn, source } = await apiDrive({ env: {} });
  expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
  expect(standIn.requests.map(({ host }) => host)).toEqual([
    'drive.google.com',
    'drive.usercontent.google.com',
  ]);
});

test('a run that signs nothing, such as one of the sample, asks as everybody may whatever key is set', async () => {
  const { standIn, source } = await apiDrive({ google: { signs: false } });
  expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
  expect(standIn.requests.some(({ apiKey }) => apiKey)).toBe(false);
});

test('a resource key goes with the id, and every form of link names its file', async () => {
  const { standIn, source } = await apiDrive();
  for (const url of [
    'https://drive.google.com/uc?id=id42&export=download&resourcekey=0-abcDEF',
    'https://drive.google.com/open?id=id42&resourcekey=0-abcDEF',
    'https://drive.google.com/file/d/id42/view?usp=sharing&resourcekey=0-abcDEF',
    'https://docs.google.com/uc?export=download&id=id42&resourcekey=0-abcDEF',
    'https://drive.usercontent.google.com/download?id=id42&resourcekey=0-abcDEF',
  ])
    expect(named((await outcomeOf(source, { ...file, url })).bytes)).toBe(whole);
  const media = standIn.requests.filter(({ query }) => query.alt === 'media');
  expect(media.map(({ path, resourceKeys }) => [path, resourceKeys])).toEqual(
    Array.from({ length: 5 }, () => ['/drive/v3/files/id42', 'id42/0-abcDEF']),
  );
});

test.each<[{ offset: number; end?: number }, string]>([
  [{ offset: 100_000 }, 'bytes=100000-'],
  [{ offset: 100_000, end: 100_010 }, 'bytes=100000-100009'],
  [{ offset: 0, end: 5 }, 'bytes=0-4'],
])('a part %j is asked for by Range and comes from there', async (range, header) => {
  const { standIn, source } = await apiDrive();
  const { from, bytes: got } = await outcomeOf(source, file, range);
  expect(from).toBe(range.offset);
  expect(named(got)).toBe(named(bytes.subarray(range.offset, range.end)));
  expect(standIn.requests[0]?.range).toBe(header);
});

test('a Range that is ignored brings the whole file, and is said to', async () => {
  const { standIn, source } = await apiDrive();
  standIn.behave('id42', { kind: 'ignore-range' });
  expect(await outcomeOf(source, file, { offset: 5 })).toMatchObject({ from: 0 });
});

test('a redirect is followed without the key, to hosts that are allowed alone', async () => {
  const { standIn, source, book } = await apiDrive();
  standIn.behave('id42', {
    kind: 'api-redirect',
    to: 'https://drive.usercontent.google.com/download?id=id42&export=download',
  });
  expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
  expect(standIn.requests.map(({ host, apiKey }) => [host, apiKey])).toEqual([
    ['www.googleapis.com', true],
    ['drive.usercontent.google.com', false],
  ]);
  // To a stranger: the stand-in's own address.
  standIn.behave('id42', { kind: 'api-redirect', to: `${standIn.origin}/${file.path}` });
  expect((await outcomeOf(source, file)).failure?.reason).toBe('host-not-allowed');
  const { host } = new URL(standIn.origin);
  const allowed = await book.open({ name: 'google-drive' }, [host]);
  expect(named((await outcomeOf(allowed, file)).bytes)).toBe(whole);
  expect(standIn.requests.at(-1)).toMatchObject({ host, apiKey: false, authorization: false });
});

test('a file of another host is asked for there, without the key', async () => {
  const { standIn, book } = await apiDrive();
  const { host } = new URL(standIn.origin);
  const source = await book.open({ name: 'google-drive' }, [host]);
  const elsewhere = { ...file, url: `${standIn.origin}/${file.path}` };
  expect(named((await outcomeOf(source, elsewhere)).bytes)).toBe(whole);
  expect(standIn.requests).toMatchObject([{ host, apiKey: false, authorization: false }]);
});

test('where Google’s hosts lead to another machine no key is sent, and nothing is asked', async () => {
  const { makeSourceBook } = await import('../../../../../src/activities/sources/source-book.ts');
  const googleOrigin = 'https://drive.example';
  const book = makeSourceBook({ connections: 1, googleOrigin, env: { FFHQ_GOOGLE_API_KEY: KEY } });
  onTestFinished(() => book.close());
  const { failure } = await outcomeOf(await book.open({ name: 'google-drive' }, []), file);
  expect(failure?.reason).toBe('credential');
  expect(failure?.detail).toContain('FFHQ_GOOGLE_ORIGIN');
});

test('the caller’s end is thrown as it is, also while it waits for its turn', async () => {
  const { source } = await apiDrive({ google: { quota: { requestsPerMinute: 10, bytesPerDay: undefined } } });
  await outcomeOf(source, file);
  const stop = new AbortController();
  const waiting = source.open(file, { offset: 0 }, stop.signal);
  stop.abort(new Error('mine'));
  await expect(waiting).rejects.toThrow('mine');
});

test('a file that is not what the manifest says is looked at once, said to be another one, and fetched no more', async () => {
  const { standIn, source } = await apiDrive();
  const other = { ...file, md5: md5Of(Buffer.from('other')) };
  // The first time its bytes come: nobody asks for the MD5 of each of many small files.
  expect(named((await outcomeOf(source, other)).bytes)).toBe(whole);
  for (const _ of [1, 2]) {
    expect((await outcomeOf(source, other)).failure).toMatchObject({
      reason: 'source-changed',
      detail: expect.stringContaining(`another file, of MD5 ${file.md5} instead of ${other.md5}`),
    });
  }
  expect(standIn.requests.map(({ query }) => query.alt)).toEqual(['media', undefined, undefined]);
});

test('a file that comes in another length is looked at before it is asked for again, from wherever', async () => {
  const { standIn, source } = await apiDrive();
  const longer = { ...file, size: bytes.length + 7 };
  expect((await outcomeOf(source, longer, { offset: 1000 })).failure?.reason).toBe('range-mismatch');
  expect((await outcomeOf(source, longer, { offset: 1000 })).failure).toMatchObject({
    reason: 'source-changed',
    detail: expect.stringContaining('another file, of 300000 bytes instead of 300007'),
  });
  expect(standIn.requests.map(({ query }) => query.alt)).toEqual(['media', undefined]);
});

test('a file that is right by Drive’s own word is fetched again, and not looked at again', async () => {
  const { standIn, source } = await apiDrive();
  for (const _ of [1, 2, 3]) expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
  expect(standIn.requests.map(({ query }) => query.alt)).toEqual(['media', undefined, 'media', 'media']);
});

test('a large file is looked at before its first byte', async () => {
  const { standIn, source } = await apiDrive();
  const large = { ...file, size: 220_205_650_000 };
  standIn.behave('id42', { kind: 'metadata', size: 5 });
  expect((await outcomeOf(source, large, { offset: 1000, end: 2000 })).failure?.reason).toBe(
    'source-changed',
  );
  expect(standIn.requests.map(({ query }) => query.fields)).toEqual(['size,md5Checksum']);
});

test('a refusal of the look is the file’s, as one of its bytes is', async () => {
  const { standIn, source } = await apiDrive();
  await outcomeOf(source, file);
  standIn.behave('id42', { kind: 'api-error', status: 404, reason: 'notFound' });
  expect((await outcomeOf(source, file)).failure?.reason).toBe('missing');
});

async function idsFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-ids-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'ids.tsv');
  await writeFile(path, text);
  return path;
}

test.each([
  ['id, with a key', 'id42\town42\n', { FFHQ_GOOGLE_API_KEY: KEY }, '/drive/v3/files/own42'],
  ['file_path, with a key', `"${file.path}","own42"`, { FFHQ_GOOGLE_API_KEY: KEY }, '/drive/v3/files/own42'],
  ['id, without a key', '{"id42":"https://drive.google.com/file/d/own42/view"}', {}, '/uc'],
])('by the list of --drive-ids a copy is asked for instead: by %s', async (_, list, env, path) => {
  const { standIn, source } = await apiDrive({ env, google: { driveIds: await idsFile(list) } });
  expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
  expect(standIn.requests[0]).toMatchObject({ path, file: 'own42' });
});

test('a list that is away, or no list, is waited for and named; once it is there files go on', async () => {
  const path = await idsFile('id42\town42\nfile two is wrong\n');
  let now = 0;
  const { DriveIdsFile } = await import(
    '../../../../../src/activities/sources/google-drive/api/drive-ids-file.ts'
  );
  const list = new DriveIdsFile(path, () => now);
  const asked = () => list.copyOf({ id: 'id42' }, file);
  expect(await asked()).toEqual({
    failure: {
      reason: 'source-not-mounted',
      detail: `flag [--drive-ids]: [file=${path}]: expected an id or path and a Drive id or link in line 2, got 1 column`,
    },
  });
  await rm(path);
  now += 5_000;
  expect(await asked()).toMatchObject({ failure: { detail: expect.stringContaining('got ENOENT') } });
  await writeFile(path, 'id42\town42\n');
  // What was seen is believed for seconds, so that many files at once do not read it each.
  expect(await asked()).toHaveProperty('failure');
  now += 5_000;
  expect(await asked()).toEqual({ copy: { id: 'own42' } });
  await rm(path);
  expect(await asked()).toEqual({ copy: { id: 'own42' } });
  expect(await list.copyOf({ id: 'another' }, { ...file, path: 'another' })).toEqual({ copy: undefined });
  expect(never.aborted).toBe(false);
});

import { describe, expect, test } from 'vitest';
import { readDrivePage } from '../../../../src/activities/sources/google-drive/page.ts';
import { readPage } from '../../../../src/activities/sources/http/client.ts';
import type { SourceFailureReason } from '../../../../src/domain/failure/source-failure.ts';
import type { Behaviour } from '../../../../src/stand-in/behaviours.ts';
import { named, never, outcomeOf } from '../reading.ts';
import { bytes, driveBy, file, nothing, pictureOnDrive, whole } from './picture-on-drive.ts';

let now = 1_000;
const { get, newClient, standIn } = pictureOnDrive(() => now);

describe('refusals', () => {
  const rows: [string, Behaviour, SourceFailureReason][] = [
    ['the "sorry" page with 429', { kind: 'blocked', how: '429', words: 'translated' }, 'blocked'],
    ['the "sorry" page with 403', { kind: 'blocked', how: '403', words: 'translated' }, 'blocked'],
    [
      '403 with a way to another account',
      { kind: 'private', how: 'forbidden', words: 'translated' },
      'private',
    ],
    ['the infected page', { kind: 'infected', words: 'translated' }, 'infected'],
    ['the quota page', { kind: 'quota', page: 'translated' }, 'quota'],
    // Its frame is that of a quota: the file waits, and is not given up.
    ['a download that the owner does not permit', { kind: 'not-permitted', words: 'translated' }, 'quota'],
    ['a Google Docs document', { kind: 'document' }, 'not-downloadable'],
    ['a Google Docs document that fails with 500', { kind: 'document', how: '500' }, 'not-downloadable'],
  ];
  test.each(rows)(
    'that Drive gives in another language are told apart by their structure: %s',
    async (_, behaviour, reason) => {
      for (const offset of [0, 1000]) {
        const { failure, got } = await get(behaviour, { offset });
        expect({ reason: failure?.reason, got }).toEqual({ reason, got: nothing });
      }
    },
  );

  test('a download that the owner does not permit is told by its English', async () => {
    expect((await get({ kind: 'not-permitted' })).failure?.reason).toBe('not-downloadable');
  });
});

describe('a link that has gone stale', () => {
  test.each([1, 2])('%i times is walked to anew from the first URL', async (times) => {
    const { got, asked } = await get({ kind: 'stale-link', times });
    expect(got).toBe(whole);
    expect(asked.map(({ path }) => path)).toEqual(
      Array(times + 1)
        .fill(['/uc', '/download'])
        .flat(),
    );
  });

  test('a third time is a failure', async () => {
    const { failure, asked } = await get({ kind: 'stale-link' });
    expect(failure?.reason).toBe('stale-link');
    expect(asked).toHaveLength(6);
  });

  test.each(['signed', 'signed-with-cookie'] as const)('is left for a new one (%s)', async (to) => {
    const { from, got, asked } = await get(
      [
        { kind: 'redirect', to: 'signed-stale', times: 1 },
        { kind: 'redirect', to },
      ],
      { offset: 1000 },
    );
    expect({ from, got }).toEqual({ from: 1000, got: named(bytes.subarray(1000)) });
    expect(asked.filter(({ path }) => path === '/uc')).toHaveLength(2);
  });

  test('does not carry cookies, nor confirmations, from one way to the next', async () => {
    const { got, asked } = await get([
      { kind: 'stale-link', times: 2 },
      { kind: 'confirm', page: 'anchor' },
    ]);
    expect(got).toBe(whole);
    const first = asked.filter(({ path, query }) => path === '/uc' && query.confirm === undefined);
    expect(first.map(({ cookies }) => cookies)).toEqual([[], [], []]);
  });

  test('that is the first URL itself is not asked again', async () => {
    const spec = { url: 'https://drive.usercontent.google.com/download?id=id42&export=download' };
    const { failure, asked } = await get({ kind: 'stale-link' }, undefined, { spec: { ...file, ...spec } });
    expect({ reason: failure?.reason, asked: asked.length }).toEqual({ reason: 'stale-link', asked: 1 });
  });
});

describe('500 at the first URL', () => {
  test('of a file is looked into once, and stays an error of the server', async () => {
    const { failure, asked } = await get({ kind: 'status', status: 500 });
    expect(failure?.reason).toBe('server-error');
    expect(asked.map(({ path }) => path)).toEqual(['/uc', '/open']);
  });

  test('in the middle of a confirmation is none of that', async () => {
    const { failure, asked } = await get({ kind: 'status', status: 500, at: 'bytes' });
    expect(failure?.reason).toBe('server-error');
    expect(asked.map(({ path }) => path)).toEqual(['/uc', '/download']);
  });
});

describe('a page in place of bytes', () => {
  test.each([0, 1000])('is no picture, whatever its headers say (from %i)', async (offset) => {
    const asFile: Behaviour = { kind: 'page-as-file', type: 'file' };
    const { failure, got } = await get([asFile, { kind: 'ignore-range' }], { offset });
    expect({ reason: failure?.reason, got }).toEqual({ reason: 'unknown-page', got: nothing });
  });

  test('is no part of an archive, though it is the range that was asked for', async () => {
    const spec = { ...file, kind: 'tfrecords', path: 'tfrecords/ffhq/r00.tfrecords' } as const;
    const { failure, got, asked } = await get(
      { kind: 'page-as-file', type: 'html' },
      { offset: 1000 },
      { spec },
    );
    expect(asked.at(-1)?.status).toBe(206);
    expect({ reason: failure?.reason, got }).toEqual({ reason: 'unknown-page', got: nothing });
  });

  test('with 400 in answer to a confirmation is an error of the server', async () => {
    const { failure, asked } = await get({ kind: 'confirm', page: 'form', invalid: true });
    expect(failure?.reason).toBe('server-error');
    expect(asked).toHaveLength(3);
  });

  test('of no known kind is sketched; of any other kind nothing is kept', async () => {
    const html = '<title>New</title><div id="strange" class="uc-new">Try again later, jane@example.org</div>';
    const { failure } = await get({ kind: 'unknown-page', html });
    expect(failure?.sketch).toContain('div #strange .uc-new "try again later _"');
    expect(failure?.sketch).not.toContain('jane');
    for (const kind of ['quota', 'infected', 'stale-link', 'missing'] as const)
      expect((await get({ kind })).failure).not.toHaveProperty('sketch');
  });
});

test('a quota begins at some attempt and ends at its time', async () => {
  const quota: Behaviour = { kind: 'quota', from: 2, until: 5_000 };
  standIn().behave('all', quota);
  const reasons: (string | undefined)[] = [];
  for (const at of [1_000, 2_000, 4_999, 5_000]) {
    now = at;
    reasons.push(await reasonNow());
  }
  expect(reasons).toEqual([undefined, 'quota', 'quota', undefined]);
});

async function reasonNow(): Promise<string | undefined> {
  const http = newClient();
  try {
    return (await outcomeOf(driveBy(http), file)).failure?.reason;
  } finally {
    await http.close();
  }
}

test('a folder is no file; who may not see it is told so', async () => {
  const list = async (behaviour?: Behaviour) => {
    standIn().behave('folder', behaviour);
    const http = newClient();
    const url = new URL('https://drive.google.com/embeddedfolderview?id=folder');
    const response = await http.get(url, { signal: never });
    const page = readDrivePage(await readPage(response.body), { url, status: response.status });
    await http.close();
    return [response.status, page.kind === 'refused' ? page.reason : page.kind];
  };
  expect(await list()).toEqual([200, 'not-downloadable']);
  expect(await list({ kind: 'private', how: 'forbidden' })).toEqual([403, 'private']);
  expect((await list({ kind: 'missing' }))[0]).toBe(404);
  standIn().behave('folder', undefined);
});

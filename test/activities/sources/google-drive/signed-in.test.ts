import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeHttpMirror } from '../../../../src/activities/sources/http-mirror/open.ts';
import { parseCookieFile, SavedCookies } from '../../../../src/domain/network/cookie-file.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import { outcomeOf } from '../reading.ts';
import { bytes, file, nothing, pictureOnDrive, whole } from './picture-on-drive.ts';

const text = ['.google.com', 'docs.google.com']
  .map((domain, nth) => `${domain}\t${nth === 0 ? 'TRUE' : 'FALSE'}\t/\tTRUE\t0\tSID${nth}\tcanary`)
  .join('\n');
const parsed = parseCookieFile(text, 0);
const cookies = parsed instanceof SavedCookies ? parsed : undefined;

const { get, newClient, standIn } = pictureOnDrive();
let other: DriveStandIn;
beforeAll(async () => {
  other = await startDriveStandIn({
    files: new Map([['id42', fileOfBytes(bytes, { name: 'x', path: file.path })]]),
  });
});
afterAll(() => other.close());

test('cookies of a file go to the hosts that they are of, on the whole way', async () => {
  const { got, asked } = await get({ kind: 'confirm', page: 'anchor' }, undefined, { cookies });
  expect(got).toBe(whole);
  expect(asked.map(({ cookies: sent }) => sent.filter((name) => name.startsWith('SID')))).toEqual([
    ['SID0'],
    ['SID0'],
    ['SID0'],
  ]);
});

test('a host that a redirect leads to gets none of them, nor does Google after that', async () => {
  const allowedHosts = [new URL(other.origin).host];
  const to = { url: `${other.origin}/${file.path}` };
  expect((await get({ kind: 'redirect', to }, undefined, { cookies, allowedHosts })).got).toBe(whole);
  other.behave('all', { kind: 'redirect', to: { url: file.url } });
  const { got, asked } = await get({ kind: 'redirect', to, times: 1 }, undefined, { cookies, allowedHosts });
  other.behave('all', undefined);
  expect(got).toBe(whole);
  expect(asked.map(({ cookies: sent }) => sent.includes('SID0'))).toEqual([true, false, false]);
  expect(other.requests.map(({ cookies: sent }) => sent)).toEqual([[], []]);
});

test('a mirror that leads to Google has none of them sent', async () => {
  standIn().behave('all', undefined);
  other.behave('all', { kind: 'redirect', to: { url: file.url } });
  const before = standIn().requests.length;
  const http = newClient();
  const mirror = makeHttpMirror(
    { name: 'http-mirror', baseUrl: `${other.origin}/` },
    { http, allowedHosts: [], cookies },
  );
  expect((await outcomeOf(mirror, file)).failure).toBeUndefined();
  await http.close();
  other.behave('all', undefined);
  const asked = standIn().requests.slice(before);
  expect(asked).toHaveLength(2);
  expect(asked.some(({ cookies: sent }) => sent.some((name) => name.startsWith('SID')))).toBe(false);
});

test.each(['login', 'forbidden', 'unauthorized'] as const)(
  'a refusal by %s says that the cookies may have expired, and none of them',
  async (how) => {
    const { failure, got } = await get({ kind: 'private', how }, undefined, { cookies });
    expect({ reason: failure?.reason, got }).toEqual({ reason: 'private', got: nothing });
    expect(failure?.detail).toContain('the cookies of --cookies may have expired');
    expect(failure?.detail).not.toContain('canary');
    expect((await get({ kind: 'private', how })).failure?.detail).not.toContain('--cookies');
  },
);

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import probe from '../../src/doctor/checks/probe.ts';
import checkProxy from '../../src/doctor/checks/proxy.ts';
import { findClock } from '../../src/doctor/clock.ts';
import type { Question } from '../../src/doctor/question.ts';
import { kinds } from '../../src/domain/kinds.ts';
import type { Behaviour } from '../../src/stand-in/behaviours.ts';
import { type DriveStandIn, startDriveStandIn } from '../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../src/stand-in/files.ts';
import { startHubStandIn } from '../../src/stand-in/hub/hub-stand-in.ts';
import { questionOf } from './question.ts';

let drive: DriveStandIn;
beforeAll(async () => {
  const license = fileOfBytes(Buffer.alloc(1610, 'l'), { name: 'LICENSE.txt' });
  const manifest = fileOfBytes(Buffer.alloc(5000, 'm'), { name: 'm', path: 'ffhq-dataset-v2.json' });
  drive = await startDriveStandIn({
    files: new Map([
      [kinds.images.license, license],
      ['m', manifest],
    ]),
  });
});
afterAll(() => drive.close());
beforeEach(() => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'FFHQ_TOKENS'])
    vi.stubEnv(name, '');
  vi.stubEnv('FFHQ_GOOGLE_ORIGIN', drive.origin);
});
afterEach(() => {
  vi.unstubAllEnvs();
  drive.behave('all', undefined);
});

async function asked(what: 'source' | 'drive' | 'manifest', change: Partial<Question> = {}) {
  const { findings, clocks = [] } = await probe({ ...questionOf(change), asked: what });
  return { finding: findings[0], clocks };
}

/** A mirror that answers as it is told. */
async function mirror(answer: (response: ServerResponse) => void) {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { source: { name: 'http-mirror', baseUrl } };
}

test('Drive is asked once, for the beginning of one small file', async () => {
  const before = drive.requests.length;
  const { finding, clocks } = await asked('source');
  expect(finding).toMatchObject({ check: 'source google-drive', status: 'ok' });
  expect(finding?.found).toContain('gave 1024 bytes');
  const requests = drive.requests.slice(before);
  expect(requests.length).toBeLessThanOrEqual(2);
  expect(requests.at(-1)?.bytesSent).toBeLessThanOrEqual(1024);
  expect(findClock(clocks).status).toBe('ok');
});

test('a list of copies that no worker could read is told, as it would be waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-doctor-ids-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const driveIds = join(folder, 'ids.json');
  const network = { ipv4: false, caFile: undefined, caCertificates: [], driveIds };
  const away = (await asked('source', { network })).finding;
  expect(away).toMatchObject({ status: 'problem', todo: expect.stringContaining('list') });
  expect(away?.found).toContain('source-not-mounted (flag [--drive-ids]');
  writeFileSync(
    driveIds,
    JSON.stringify({ 'images1024x1024/00000/00000.png': '1CopyCopyCopyCopyCopyCopyCopyCopyC' }),
  );
  const there = (await asked('source', { network })).finding;
  expect([there?.status, there?.found]).toEqual(['ok', expect.stringContaining('gave 1024 bytes')]);
});

test.each<[string, Behaviour]>([
  ['quota', { kind: 'quota', page: 'translated' }],
  ['blocked', { kind: 'blocked' }],
  ['private', { kind: 'private' }],
  ['missing', { kind: 'missing' }],
  ['connection', { kind: 'reset-before-headers' }],
])('what Drive says in place of the file is told: %s', async (reason, behaviour) => {
  drive.behave('all', behaviour);
  const { finding } = await asked('source');
  expect(finding).toMatchObject({ status: 'problem', todo: expect.stringMatching(/\w/) });
  expect(finding?.found).toContain(`Google Drive: ${reason} (`);
});

test('where a mirror is the source, Drive is asked beside it and stops nothing', async () => {
  const source = { name: 'http-mirror', baseUrl: `${drive.origin}/` };
  expect((await asked('source', { source })).finding).toMatchObject({ status: 'ok' });
  drive.behave(kinds.images.license, { kind: 'missing' });
  expect((await asked('drive', { source })).finding).toMatchObject({ status: 'note' });
  expect((await asked('drive')).finding).toBeUndefined();
  const wrong = { name: 'http-mirror', baseUrl: `${drive.origin}/elsewhere/` };
  expect((await asked('source', { source: wrong })).finding).toMatchObject({
    status: 'problem',
    todo: expect.stringContaining('no ffhq-dataset-v2.json lies below it'),
  });
});

test('a manifest by URL is asked too; a folder is looked into', async () => {
  const location = `${drive.origin}/ffhq-dataset-v2.json`;
  const manifest = { name: 'other' as const, location };
  const allowedHosts = [new URL(location).host];
  expect((await asked('manifest', { manifest, allowedHosts })).finding).toMatchObject({ status: 'ok' });
  expect((await asked('manifest')).finding).toBeUndefined();
  const path = mkdtempSync(join(tmpdir(), 'ffhq-doctor-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  const source = { name: 'local-dir', path };
  expect((await asked('source', { source })).finding).toMatchObject({ status: 'problem' });
  writeFileSync(join(path, 'ffhq-dataset-v2.json'), '{}');
  expect((await asked('source', { source })).finding).toMatchObject({ status: 'ok' });
});

test('an archive is looked into: that it has no manifest is no problem, that it is none is one', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'ffhq-doctor-')), 'images.zip');
  onTestFinished(() => rmSync(dirname(path), { recursive: true }));
  const source = { name: 'zip', archive1: path };
  writeFileSync(path, Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]));
  expect((await asked('source', { source })).finding).toMatchObject({ status: 'ok' });
  writeFileSync(path, 'no zip');
  expect((await asked('source', { source })).finding?.found).toContain('bad-archive');
});

test('a wrong clock is told by a Date header; a mad one, or a long header, does no harm', async () => {
  const late = await mirror((response) => {
    response.setHeader('date', new Date(Date.now() - 7_200_000).toUTCString());
    response.end('{}');
  });
  expect(findClock((await asked('source', late)).clocks)).toMatchObject({
    status: 'problem',
    found: expect.stringMatching(/^(2h 00m|1h 59m) ahead of that of 127/),
  });
  const mad = await mirror((response) => {
    response.setHeader('date', 'x'.repeat(4_000));
    response.end('{}');
  });
  expect((await asked('source', mad)).clocks).toEqual([]);
  const long = await mirror((response) => {
    response.writeHead(500, { 'x-long': 'y'.repeat(60_000) }).end();
  });
  const { finding } = await asked('source', long);
  expect(finding?.status).toBe('problem');
  expect(finding?.found.length).toBeLessThan(400);
});

test('the password of a proxy is not shown', async () => {
  vi.stubEnv('FFHQ_GOOGLE_ORIGIN', '');
  vi.stubEnv('HTTPS_PROXY', 'http://user:Planted-7@proxy.example:3128');
  const { findings } = await checkProxy(questionOf({}));
  expect(findings[0]?.found).toBe('drive.google.com by http://proxy.example:3128');
});

test('a source that gives an empty manifest is none that a run could use', async () => {
  const source = await mirror((response) => response.writeHead(200, { 'content-length': 0 }).end());
  expect((await asked('source', source)).finding).toMatchObject({
    status: 'problem',
    found: expect.stringContaining('is empty'),
  });
});

test('each of several mirrors is asked, and one that does not answer is a note where another one does', async () => {
  const broken = await mirror((response) => response.writeHead(503).end());
  const source = { name: 'http-mirror', baseUrl: broken.source.baseUrl, baseUrl2: `${drive.origin}/{path}` };
  const { findings } = await probe({ ...questionOf({ source }), asked: 'source' });
  expect(findings.map(({ check, status }) => [check, status])).toEqual([
    ['source http-mirror', 'note'],
    ['source http-mirror', 'ok'],
  ]);
  expect(findings[0]?.found).toContain(`${broken.source.baseUrl}: server-error`);
});

test('a repository of pictures alone is asked for the first of them, and a wrong commit is told', async () => {
  const picture = fileOfBytes(Buffer.alloc(3000, 'p'), { name: '0.png', path: 'Part1/00000.png' });
  const [repo, revision] = ['somebody/ffhq', '5a'.repeat(20)];
  const hub = await startHubStandIn({ files: new Map([['0', picture]]), repo, revision });
  onTestFinished(() => hub.close());
  vi.stubEnv('HF_ENDPOINT', hub.origin);
  const source = { name: 'huggingface', repo, revision, layout: 'parts' };
  const allowedHosts = [hub.byteHost];
  const there = (await asked('source', { source, allowedHosts })).finding;
  expect([there?.status, there?.found]).toEqual(['ok', expect.stringContaining('gave 1024 bytes')]);
  const wrong = { ...source, revision: 'b0'.repeat(20) };
  const away = (await asked('source', { source: wrong, allowedHosts })).finding;
  expect([away?.status, away?.found]).toEqual(['problem', expect.stringContaining('no such commit')]);
});

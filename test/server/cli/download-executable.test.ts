import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { downloadExecutable } from '../../../src/server/cli/download-executable.ts';
import { releaseArchive } from '../../../src/server/cli/release-archive.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-cli-download-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = Buffer.from(`#!/bin/sh\necho 'temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)'\n`);

/** A .tar.gz as the release's: the executable is one file of several. */
function archiveOf(files: Readonly<Record<string, Buffer>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(content.length.toString(8).padStart(11, '0'), 124);
    header.write('0', 156);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

const archive = archiveOf({
  LICENSE: Buffer.alloc(1500, 'x'),
  'README.md': Buffer.from('x'),
  temporal: program,
});
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/temporal.tar.gz`;
}

async function download(
  urls: readonly string[],
  expected: string,
): Promise<{ failure: string | undefined; lines: string[] }> {
  const lines: string[] = [];
  const failure = await downloadExecutable({
    target: join(folder, 'temporal'),
    env: {},
    onLine: (line) => lines.push(line),
    archive: { urls: urls.map((url) => new URL(url)), sha256: expected },
  });
  return { failure, lines };
}

test('a release with the known SHA-256 is unpacked to its place, and noted beside it', async () => {
  const there = await serve((_, response) => response.end(archive));
  const away = await serve((_, response) => response.writeHead(302, { location: there }).end());
  const { failure, lines } = await download([away], sha256(archive));
  expect(failure).toBeUndefined();
  expect(lines.join()).toContain("its SHA-256 is the release's");
  expect(readFileSync(join(folder, 'temporal'))).toEqual(program);
  expect(statSync(join(folder, 'temporal')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(folder, 'temporal.sha256'), 'utf8')).toContain(`\n${sha256(program)}  temporal\n`);
  expect(readdirSync(folder).sort()).toEqual(['temporal', 'temporal.sha256']);
});

test('a release with another SHA-256 is refused with both digests, and nothing of it stays', async () => {
  const evil = archiveOf({ temporal: Buffer.from('#!/bin/sh\ntouch pwned\n') });
  const url = await serve((_, response) => response.end(evil));
  const { failure, lines } = await download([url], sha256(archive));
  expect(failure).toBe(
    `archive [url=${url}]: expected SHA-256 ${sha256(archive)}, got ${sha256(evil)}, so it is not used and is removed`,
  );
  expect(lines).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('one home of the release that lies does not keep the next from being asked', async () => {
  const lies = await serve((_, response) => response.end('<html>'));
  const has = await serve((_, response) => response.end(archive));
  expect((await download([lies, has], sha256(archive))).failure).toBeUndefined();
  expect(readFileSync(join(folder, 'temporal'))).toEqual(program);
});

test('what stands at its place already stays when nothing can be downloaded', async () => {
  writeFileSync(join(folder, 'temporal'), 'mine');
  const url = await serve((_, response) => response.writeHead(404).end());
  const around: string = await serve((_, response) => response.writeHead(302, { location: around }).end());
  const { failure } = await download([url, around], sha256(archive));
  expect(failure).toContain('expected 200, got 404; ');
  expect(failure).toContain('expected 200, got 302');
  expect(readFileSync(join(folder, 'temporal'), 'utf8')).toBe('mine');
});

test('an archive without the executable, or cut off inside it, leaves none', async () => {
  const without = archiveOf({ LICENSE: Buffer.from('x') });
  const cutOff = gzipSync(gunzipSync(archiveOf({ temporal: Buffer.alloc(5_000, 'x') })).subarray(0, 1_500));
  const failures: (string | undefined)[] = [];
  for (const bytes of [without, cutOff]) {
    const url = await serve((_, response) => response.end(bytes));
    failures.push((await download([url], sha256(bytes))).failure);
  }
  expect(failures).toEqual([
    'archive: expected a file temporal in it, got none',
    'archive [file=temporal]: expected 5000 bytes, got 988',
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

test('every machine that the worker runs on has a release with a known SHA-256', () => {
  const urls = ['linux', 'darwin'].flatMap((platform) =>
    ['x64', 'arm64'].flatMap((arch) => releaseArchive(platform, arch)?.urls.map(({ href }) => href)),
  );
  expect(urls).toHaveLength(8);
  for (const url of urls) expect(url).toMatch(/^https:.*\/v1\.8\.2\/temporal_cli_1\.8\.2_\w+\.tar\.gz$/);
  expect(releaseArchive('linux', 'riscv64')).toBeUndefined();
});

test('a release whose SHA-256 is not known here is not downloaded', async () => {
  const options = { target: join(folder, 'temporal'), env: {}, onLine: () => {}, archive: undefined };
  expect(await downloadExecutable(options)).toContain('its SHA-256 is not known here');
});

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Access } from '../../../../src/activities/sources/archive/access.ts';
import { ArchiveShelf } from '../../../../src/activities/sources/archive/archive-shelf.ts';
import { SourceBodyError } from '../../../../src/activities/sources/contract/source.ts';
import { type SourceFailureReason, sourceFailure } from '../../../../src/domain/failure/source-failure.ts';
import { partOfBytes } from '../../../../src/stand-in/archives/joined-file.ts';
import { tarOf } from '../../../../src/stand-in/archives/tar-of.ts';
import { never } from '../reading.ts';
import { bytesOf } from './served-archive.ts';

const MEMBERS = 50;
// Large enough to be stepped over: a request for each header.
const body = new Uint8Array(128 * 1024);
const nameOf = (id: number) => `images1024x1024/${String(id).padStart(5, '0')}.png`;
const bytes = bytesOf(
  tarOf(
    Array.from({ length: MEMBERS }, (_, id) => ({ name: nameOf(id), ...partOfBytes(body) })),
    { name: 'a.tar' },
  ),
);

function cacheFolder() {
  const cacheDir = mkdtempSync(join(tmpdir(), 'ffhq-tar-'));
  onTestFinished(() => rmSync(cacheDir, { recursive: true }));
  return cacheDir;
}

const broken = (reason: SourceFailureReason) => sourceFailure(reason, 'broken off');

/** A tar of whose reads every so manieth goes wrong; the places where bytes were read. */
async function tarThat(wrong: (read: number) => Promise<SourceBodyError> | 'failed' | undefined) {
  const whole = await bytes;
  const offsets: number[] = [];
  let reads = 0;
  const access: Access = {
    place: 'https://a.example/a.tar',
    name: 'a.tar',
    look: async () => ({ status: 'seen', version: { size: whole.length, etag: '"1"', date: '' } }),
    read: async ({ offset, end }) => {
      const how = wrong(++reads);
      if (how === 'failed') return { status: 'failed', failure: broken('connection') };
      return {
        status: 'opened',
        body: (async function* () {
          if (how !== undefined) throw await how;
          offsets.push(offset);
          yield whole.subarray(offset, end);
        })(),
      };
    },
  };
  return { access, offsets };
}

const opens = (shelf: ArchiveShelf, access: Access) => shelf.open('tar', access, never);

test.each([
  'a body that breaks',
  'an answer that is none',
  'a body that breaks, of another process each time',
])('a tar whose requests fail again and again is read to its end, no header twice: %s', async (how) => {
  const fails = async () => new SourceBodyError(broken('connection'));
  const { access, offsets } = await tarThat((read) =>
    read % 12 > 0 ? undefined : how.startsWith('an answer') ? 'failed' : fails(),
  );
  const cacheDir = how.endsWith('each time') ? cacheFolder() : undefined;
  const one = new ArchiveShelf();
  const shelf = () => (cacheDir === undefined ? one : new ArchiveShelf(cacheDir));
  let attempts = 1;
  while ((await opens(shelf(), access)).status === 'failed') expect(++attempts).toBeLessThan(10);
  expect(new Set(offsets).size).toBe(offsets.length);
  expect(offsets.length).toBeGreaterThanOrEqual(MEMBERS);
});

test('a process that is killed while it reads a tar leaves what it read some seconds before', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => void vi.restoreAllMocks());
  // The first process stands still for ever in its 31st read.
  let stands = false;
  const { access, offsets } = await tarThat((read) => {
    now += 1_000;
    if (read !== 31) return undefined;
    stands = true;
    return new Promise(() => {});
  });
  const cacheDir = cacheFolder();
  void opens(new ArchiveShelf(cacheDir), access);
  await expect.poll(() => stands, { timeout: 30_000 }).toBe(true);
  expect((await opens(new ArchiveShelf(cacheDir), access)).status).toBe('opened');
  expect(offsets.length - new Set(offsets).size).toBeLessThanOrEqual(6);
});

test.each(['bad-archive', 'archive-changed'] as const)(
  'with what was read of a tar nobody goes on after %s',
  async (reason) => {
    const { access, offsets } = await tarThat((read) =>
      read === 12 ? Promise.resolve(new SourceBodyError(broken(reason))) : undefined,
    );
    const cacheDir = cacheFolder();
    await opens(new ArchiveShelf(cacheDir), access);
    expect((await opens(new ArchiveShelf(cacheDir), access)).status).toBe('opened');
    expect(offsets.filter((offset) => offset === 0).length).toBe(2);
    expect(readdirSync(join(cacheDir, 'archives')).length).toBe(1);
  },
);

import { Readable } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Access } from '../../../../src/activities/sources/archive/access.ts';
import { TarStreams } from '../../../../src/activities/sources/archive/tar-stream.ts';
import { type FilePart, partOfBytes } from '../../../../src/stand-in/archives/joined-file.ts';
import { type TarMember, tarOf } from '../../../../src/stand-in/archives/tar-of.ts';
import { never } from '../reading.ts';

const MIB = 1024 ** 2;

/** A tar of these members; the ranges that were asked for, and how many bytes of them have come. */
function served(members: readonly TarMember[]) {
  const tar = tarOf(members, { name: 'a.tar' });
  const seen = { begins: [] as number[], bytes: 0, open: 0 };
  const access: Access = {
    place: 'https://a.example/a.tar',
    name: 'a.tar',
    look: async () => ({ status: 'seen', version: { size: tar.size, etag: '"1"', date: '' } }),
    read: async ({ offset, end }, _, signal) => ({
      status: 'opened',
      body: (async function* () {
        seen.begins.push(offset);
        seen.open++;
        try {
          for await (const piece of tar.open(offset, end)) {
            await new Promise((done) => setImmediate(done));
            signal.throwIfAborted();
            seen.bytes += piece.length;
            yield piece;
          }
        } finally {
          seen.open--;
        }
      })(),
    }),
  };
  return { access, seen };
}

/** So many bytes of nothing. */
const junk = (size: number): FilePart => ({ size, open: (from, end) => Readable.from(zeros(end - from)) });

function* zeros(bytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes; at += MIB) yield new Uint8Array(Math.min(MIB, bytes - at));
}

test('what is too large to be held is not read through', async () => {
  const picture = Buffer.from('a picture');
  const { access, seen } = served([
    { name: 'junk.bin', ...junk(1e12) },
    { name: 'folder', type: 'Z', ...junk(1e12) },
    { name: '00042.webp', ...partOfBytes(picture) },
  ]);
  const taken = await new TarStreams().take(['00042.webp'], access, never);
  if (taken === 'not there' || taken.status === 'failed') throw new Error('expected a member');
  for await (const piece of taken.body) expect(Buffer.from(piece)).toEqual(picture);
  expect(seen.begins.map((at) => Math.round(at / 1e12))).toEqual([0, 1, 2]);
  expect(seen.bytes).toBeLessThan(4 * MIB);
});

test('a stream that nobody waits for any more ends, whatever it is made of', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  // Nothing of it is held, so nothing but time ends it.
  const endless = Array.from({ length: 10_000 }, () => ({ name: 'x', type: 'Z', ...junk(7 * MIB) }));
  const { access, seen } = served(endless);
  const run = new AbortController();
  const taking = new TarStreams().take(['00042.webp'], access, run.signal);
  await vi.waitUntil(() => seen.bytes > 10 * MIB);
  vi.advanceTimersByTime(10_000);
  expect(seen.open).toBe(1);
  run.abort(new Error('cancelled'));
  await expect(taking).rejects.toThrow('cancelled');
  vi.advanceTimersByTime(10_000);
  await vi.waitUntil(() => seen.open === 0);
});

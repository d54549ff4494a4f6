import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { md5InTurns } from '../../../src/activities/hash/hash-bytes.ts';
import { ReusedBuffers } from '../../../src/activities/hash/reused-buffers.ts';
import { PngDecoder } from '../../../src/activities/png/png-decoder.ts';
import { type Verdict, verifyFile } from '../../../src/activities/verify/verify-file.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import { frameOf } from '../../../src/domain/tfrecord/frame.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-records-'));
});
afterAll(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;
const tools = { decoder: new PngDecoder(), md5: md5InTurns, buffers: new ReusedBuffers() };

async function verdictOf(published: Buffer, there: Buffer, recordBytes: number): Promise<Verdict> {
  const path = join(folder, 'r.tfrecords');
  await writeFile(path, there);
  const handle = await open(path, 'r');
  try {
    const spec = { kind: 'tfrecords', key: 'r', url: '', path: 'r.tfrecords', recordBytes } as const;
    const { length: size } = published;
    return await verifyFile({ ...spec, size, md5: md5Of(published) }, handle.fd, tools, never);
  } finally {
    await handle.close();
  }
}

/** Larger than what is held in memory, and not, in records whose ends lie anywhere in the pieces that are read. */
test.each([
  [70, 300_007],
  [70, 247],
])(
  'a file of %d records of %d bytes: the damaged ones are named, and of a right file nothing is',
  async (count, length) => {
    const frames = Array.from({ length: count }, (_, nth) => frameOf(Buffer.alloc(length - 16, nth + 1)));
    const published = Buffer.concat(frames);
    expect(await verdictOf(published, published, length)).toMatchObject({ status: 'right' });
    const there = Buffer.from(published);
    // A length, a byte of data, and a checksum at the very end.
    there.writeUInt8(99, 3 * length);
    there.writeUInt8(99, 40 * length + 100);
    there.writeUInt32LE(7, there.length - 4);
    expect(await verdictOf(published, there, length)).toMatchObject({
      status: 'wrong',
      failure: {
        reason: 'wrong-md5',
        detail: expect.stringMatching(/, got \w+; 3 of its 70 records damaged: 3, 40, 69$/),
      },
      damaged: [
        { from: 3, end: 4 },
        { from: 40, end: 41 },
        { from: 69, end: 70 },
      ],
    });
  },
);

test('records that are all whole and not the published ones are no damage of any record', async () => {
  const file = (fill: number) => Buffer.concat([0, 1, 2].map((nth) => frameOf(Buffer.alloc(84, fill + nth))));
  const verdict = await verdictOf(file(1), file(2), 100);
  expect(verdict).toMatchObject({ status: 'wrong', damaged: [], failure: { reason: 'wrong-md5' } });
  // A file that is no whole number of such records is judged by its digest alone.
  expect(await verdictOf(file(1), file(2), 99)).not.toHaveProperty('damaged');
});

import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { ArchiveShelf } from '../../../../src/activities/sources/archive/archive-shelf.ts';
import { makeArchiveSource } from '../../../../src/activities/sources/archive/archive-source.ts';
import { md5Of } from '../../../../src/domain/dataset/digest.ts';
import { partOfBytes } from '../../../../src/stand-in/archives/joined-file.ts';
import { type ZipMember, zipOf } from '../../../../src/stand-in/archives/zip-of.ts';
import { named, outcomeOf, pseudoRandomBytes } from '../reading.ts';
import { bytesOf, specOf } from './served-archive.ts';

const SIZE = 200_000;
const right = pseudoRandomBytes(SIZE, 1);
const rotten = Uint8Array.from(right, (byte, at) => (at === 5_000 ? byte ^ 1 : byte));
const spec = { ...specOf(1, SIZE), md5: md5Of(right) };

/** Deflated, and broken in its middle. */
function torn(): ZipMember {
  const packed = deflateRawSync(right);
  packed.fill(0xff, SIZE / 2, SIZE / 2 + 50_000);
  return { name: spec.path, ...partOfBytes(packed), method: 8, unpacked: SIZE };
}

const stored = (bytes: Uint8Array): ZipMember => ({ name: spec.path, ...partOfBytes(bytes) });

/** Zips of one member each, or of none, that lie on this disk. */
async function zips(...members: readonly (ZipMember | undefined)[]) {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-archives-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const paths = members.map((_, at) => join(folder, `${at}.zip`));
  for (const [at, path] of paths.entries()) {
    const member = members[at] ?? { ...stored(right), name: 'images1024x1024/00000/00099.png' };
    writeFileSync(path, await bytesOf(zipOf([member], { name: 'a.zip' })));
  }
  const places = Object.fromEntries(paths.map((path, at) => [`archive${at + 1}`, path]));
  const archives = new ArchiveShelf();
  // As each bundle of files opens it.
  const source = () => makeArchiveSource('zip', { name: 'zip', ...places }, { archives } as never);
  return { source, paths };
}

test('an archive that gave wrong bytes of a file is asked after the others, also by the next bundle', async () => {
  const { source } = await zips(stored(rotten), stored(right));
  expect(named((await outcomeOf(source(), spec)).bytes)).toBe(named(rotten));
  expect(source().judged?.(spec, 'wrong')).toEqual({ hasAnother: true, said: '0.zip wrong bytes' });
  expect(named((await outcomeOf(source(), spec)).bytes)).toBe(named(right));
  expect(source().judged?.(spec, 'right')).toEqual({ hasAnother: false, said: '' });
});

test('where no other archive has the file, its bytes are not asked for again at once', async () => {
  const { source } = await zips(stored(rotten), undefined);
  await outcomeOf(source(), spec);
  source().judged?.(spec, 'wrong');
  expect((await outcomeOf(source(), spec)).bytes.length).toBe(SIZE);
  expect(source().judged?.(spec, 'wrong')).toEqual({
    hasAnother: false,
    said: '0.zip wrong bytes, 1.zip missing',
  });
});

test('wrong bytes are not asked for again where another archive is away for a while', async () => {
  const { source, paths } = await zips(stored(rotten), stored(right));
  await outcomeOf(source(), spec);
  source().judged?.(spec, 'wrong');
  unlinkSync(paths[1] ?? '');
  expect((await outcomeOf(source(), spec)).failure?.reason).toBe('source-not-mounted');
});

test('a member that turns out to be damaged is gone on with by the next archive, and begun there the next time', async () => {
  const { source } = await zips(torn(), stored(right));
  const first = await outcomeOf(source(), spec);
  expect(first.failure).toBeUndefined();
  expect(first.bytes.length).toBe(SIZE);
  expect(named((await outcomeOf(source(), spec)).bytes)).toBe(named(right));
});

test('a damaged member that no other archive has is told as that', async () => {
  const { source } = await zips(torn(), undefined);
  expect((await outcomeOf(source(), spec)).failure?.reason).toBe('bad-archive');
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ArchiveShelf } from '../../../../src/activities/sources/archive/archive-shelf.ts';
import { makeArchiveSource } from '../../../../src/activities/sources/archive/archive-source.ts';
import { makeSourceBook } from '../../../../src/activities/sources/source-book.ts';
import { driveUrl } from '../../../../src/domain/dataset/reference-files.ts';
import { partOfBytes } from '../../../../src/stand-in/archives/joined-file.ts';
import { zipOf } from '../../../../src/stand-in/archives/zip-of.ts';
import { startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { outcomeOf, pseudoRandomBytes } from '../reading.ts';
import { bytesOf, specOf } from './served-archive.ts';

const zipWith = (...ids: readonly number[]) =>
  zipOf(
    ids.map((id) => ({ name: `0000${id}.png`, ...partOfBytes(pseudoRandomBytes(5_000, id)) })),
    { name: 'a.zip' },
  );

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'ffhq-archives-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

const local = (...paths: readonly string[]) =>
  makeArchiveSource(
    'zip',
    Object.fromEntries([['name', 'zip'], ...paths.map((path, at) => [`archive${at + 1}`, path])]),
    {
      archives: new ArchiveShelf(),
    } as never,
  );

test('a file is looked for in one archive after the other; one that cannot be read hides none of the others', async () => {
  const [here, there, bad] = ['a.zip', 'b.zip', 'bad.zip'].map((name) => join(folder(), name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(here, await bytesOf(zipWith(0, 1)));
  writeFileSync(there, await bytesOf(zipWith(1, 2)));
  writeFileSync(bad, 'no zip at all, by any means');
  const source = local(bad, here, there);
  for (const id of [0, 1, 2]) expect((await outcomeOf(source, specOf(id))).bytes.length).toBe(5_000);
  expect((await outcomeOf(source, specOf(3))).failure?.reason).toBe('bad-archive');
  expect((await outcomeOf(local(here, there), specOf(3))).failure).toMatchObject({
    reason: 'missing',
    detail: expect.stringContaining('a.zip, b.zip'),
  });
});

test('an archive on a disk that is replaced under us is noticed by its time, size or inode', async () => {
  const path = join(folder(), 'a.zip');
  writeFileSync(path, await bytesOf(zipWith(0, 1)));
  const source = local(path);
  expect((await outcomeOf(source, specOf(1))).bytes.length).toBe(5_000);
  const { atime, mtime } = statSync(path);
  writeFileSync(`${path}.new`, await bytesOf(zipWith(0, 2)));
  utimesSync(`${path}.new`, atime, mtime);
  renameSync(`${path}.new`, path);
  expect((await outcomeOf(source, specOf(1))).failure?.reason).toBe('archive-changed');
  expect((await outcomeOf(source, specOf(2))).bytes.length).toBe(5_000);
});

test('an archive that is not there, or no file, is told as a source folder would be', async () => {
  const [there, pipe, link] = ['gone.zip', 'pipe.zip', 'link.zip'].map((name) => join(folder(), name)) as [
    string,
    string,
    string,
  ];
  execFileSync('mkfifo', [pipe]);
  symlinkSync(pipe, link);
  const reasonOf = async (path: string) => (await outcomeOf(local(path), specOf(0))).failure?.reason;
  expect(await reasonOf(there)).toBe('source-not-mounted');
  expect(await reasonOf(pipe)).toBe('unsafe-source-path');
  expect(await reasonOf(link)).toBe('unsafe-source-path');
});

test('a zip on Drive is asked for as Drive’s files are, over its pages, and its quota is the file’s', async () => {
  const id = '1WvlAIvuochQn_L_f9p3OdFdTiSLlnnhv';
  const standIn = await startDriveStandIn({ files: new Map([[id, zipWith(0, 1)]]), bigFrom: 1_000 });
  const book = makeSourceBook({ connections: 4, googleOrigin: standIn.origin, env: {} });
  onTestFinished(async () => {
    await book.close();
    await standIn.close();
  });
  const source = await book.open({ name: 'zip', archive1: driveUrl(id) }, []);
  expect((await outcomeOf(source, specOf(1))).bytes.equals(pseudoRandomBytes(5_000, 1))).toBe(true);
  expect(standIn.requests.some(({ answer }) => answer === 'confirm page')).toBe(true);
  standIn.behave(id, { kind: 'quota' });
  expect((await outcomeOf(source, specOf(0))).failure?.reason).toBe('quota');
});

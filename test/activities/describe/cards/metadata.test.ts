import { execFileSync } from 'node:child_process';
import {
  appendFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { MadeFolder } from '../../../../src/activities/describe/cards/made-folder.ts';
import { makeCards } from '../../../../src/activities/describe/cards/make-cards.ts';
import { describedRecords } from '../../../../src/activities/describe/described-records.ts';
import { addToLedger } from '../../../../src/activities/exclusion/ledger-file.ts';
import { VerifiedLog } from '../../../../src/activities/records/verified-records.ts';
import { VerifyThreads } from '../../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../../src/domain/dataset/digest.ts';
import type { ImageId } from '../../../../src/domain/dataset/ids.ts';
import { statePaths } from '../../../../src/domain/dataset/layout.ts';
import type { LedgerLine } from '../../../../src/domain/exclusion/ledger.ts';
import { type FileKind, imageKinds } from '../../../../src/domain/kinds.ts';
import { eventually } from '../../../support/eventually.ts';
import { testSeal } from '../../../support/test-key.ts';
import { VouchedDataset } from './vouched-dataset.ts';

let dataset: VouchedDataset;
beforeEach(async () => {
  dataset = await VouchedDataset.make();
});
afterEach(() => dataset.leave());

const image = 'images1024x1024/00000/00007.png';

function accepts(program: 'md5sum' | 'sha256sum', list: string): string {
  return execFileSync(program, ['--check', '--strict', '--quiet', list], {
    cwd: dataset.out,
    encoding: 'utf8',
  });
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

test('md5sum and sha256sum take the lists, which hold the manifest and what was verified, and no other file', async () => {
  await dataset.vouch((id) => id !== 1001);
  const { exitCode, said, events } = await dataset.metadata('--format', 'md5', '--sha256');
  expect(exitCode).toBe(0);
  accepts('md5sum', 'manifest.md5');
  accepts('sha256sum', 'manifest-sha256.txt');
  const listed = linesOf(await dataset.read('manifest.md5')).map((line) => line.slice(34));
  expect(listed).toEqual([
    'ffhq-dataset-v2.json',
    ...[0, 7].flatMap((id) => [
      `images1024x1024/00000/0000${id}.png`,
      `thumbnails128x128/00000/0000${id}.png`,
    ]),
  ]);
  expect(linesOf(await dataset.read('manifest-sha256.txt')).map((line) => line.slice(66))).toEqual(listed);
  // Three licence texts, and the files of 1001.
  expect(said).toMatchObject({ records: 3, there: 9, verified: 4, unverified: 5, damaged: 0 });
  expect(JSON.stringify(events)).toContain('5 files without a record');
});

/** Other bytes of the same size and time: whoever goes by looks alone sees nothing. */
async function flipUnseen(path: string): Promise<void> {
  const { mtimeNs } = await lstat(path, { bigint: true });
  const bytes = await readFile(path);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const seconds = `${mtimeNs / 1_000_000_000n}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}`;
  execFileSync('touch', ['-d', `@${seconds}`, path]);
}

test('what SHA-256 cost once it does not cost again; a file that was stored anew is read anew', async () => {
  await dataset.vouch();
  await dataset.metadata('--format', 'sha256');
  const first = await dataset.read('manifest-sha256.txt');
  await flipUnseen(join(dataset.out, image));
  const again = await dataset.metadata('--format', 'sha256');
  expect(again.said).toMatchObject({ verified: 6, damaged: 0 });
  expect(await dataset.read('manifest-sha256.txt')).toBe(first);
  // The next run verifies it; what was computed of older bytes is not taken for these.
  await utimes(join(dataset.out, image), new Date(), new Date());
  await dataset.vouch();
  expect((await dataset.metadata('--format', 'sha256')).said).toMatchObject({ verified: 5, damaged: 1 });
});

test('interrupted, it keeps what it has computed and replaces nothing; the next one computes the rest', async () => {
  await dataset.vouch();
  const stop = new AbortController();
  const threads = new VerifyThreads(1);
  const sums: string[] = [];
  const make = async (signal: AbortSignal) => {
    const into = await MadeFolder.open(dataset.out, dataset.out, testSeal, signal);
    try {
      return await makeCards(
        {
          ...{ out: dataset.out, formats: ['sha256'], kinds: imageKinds, fetchedKinds: imageKinds },
          ...{ isWhole: true, bagPayload: false, card: undefined, program: 'ffhq 1.2.3' },
          made: '2026-01-01T00:00:00.000Z',
        },
        presentRecords(signal),
        into,
        {
          ...{
            verified: new VerifiedLog('w2', testSeal),
            looks: threads,
            signal,
            seal: testSeal,
            onHashed: () => {},
          },
          sum: async (path, stopped, onBytes) => {
            const name = path.split('/').at(-1) ?? '';
            sums.push(name);
            // The manifest and two pictures, and then Ctrl-C.
            if (!stop.signal.aborted && sums.length > 3) {
              await eventually('notes', async () => (await notedSums()) === 2);
              stop.abort();
            }
            stopped.throwIfAborted();
            return threads.sum(path, stopped, onBytes);
          },
        },
      );
    } finally {
      await into.release();
    }
  };
  async function* presentRecords(signal: AbortSignal) {
    for await (const record of describedRecords(dataset.out, signal))
      yield { ...record, present: record.files.map(({ kind }) => kind) };
  }
  onTestFinished(() => threads.close());
  await expect(make(stop.signal)).rejects.toThrow();
  expect((await readdir(dataset.out)).filter((name) => /sha256|\.new$/.test(name))).toEqual([]);
  sums.length = 0;
  expect(await make(new AbortController().signal)).toMatchObject({ verified: 6 });
  // The manifest, and the four that were not noted.
  expect(sums).toHaveLength(5);
});

/** Records of pictures that have a SHA-256. */
async function notedSums(): Promise<number> {
  const log = new VerifiedLog('', testSeal);
  const groups = [...['images', 'thumbs']].flatMap((kind) =>
    ['00000', '01000'].map((group) => [kind, group]),
  );
  let noted = 0;
  for (const [kind, group] of groups as [FileKind, string][])
    for (const records of (await log.read(dataset.out, kind, group)).values())
      noted += records.filter((record) => record.how !== 'damaged' && record.sha256 !== undefined).length;
  return noted;
}

test('bytes that are no longer those that were verified are told, and are in no list', async () => {
  await dataset.vouch();
  await flipUnseen(join(dataset.out, image));
  const { exitCode, said, stdout } = await dataset.metadata('--format', 'md5,sha256');
  expect(exitCode).toBe(3);
  expect(said).toMatchObject({ damaged: 1, verified: 5 });
  expect(stdout).toContain(`no longer what was verified, and in no list: ${image}`);
  expect(await dataset.read('manifest.md5')).not.toContain(image);
  expect(await dataset.read('manifest-sha256.txt')).not.toContain(image);
});

test('a selection, --present and kinds of picture say which files are described', async () => {
  await dataset.vouch();
  await rm(join(dataset.out, image));
  await rm(join(dataset.out, 'thumbnails128x128/00000/00007.png'));
  const one = await dataset.metadata('--format', 'md5,croissant', '--ids', '1001', '--images');
  expect(one.said).toMatchObject({ records: 1 });
  expect(linesOf(await dataset.read('manifest.md5')).map((line) => line.slice(34))).toEqual([
    'ffhq-dataset-v2.json',
    'images1024x1024/01000/01001.png',
  ]);
  expect(JSON.parse(await dataset.read('croissant.json')).name).toMatch(/a selection of 1 record$/);
  expect((await dataset.metadata('--format', 'md5', '--present')).said).toMatchObject({ records: 2 });
  const none = await dataset.metadata('--format', 'md5', '--present', '--ids', '7');
  expect(none.exitCode).toBe(2);
});

test('nothing that a manifest says in words is in any file: no name, no title, no markup', async () => {
  const path = join(dataset.out, 'ffhq-dataset-v2.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  const evil =
    '</script><img src=x onerror=alert(1)>"}\n---\n=cmd|x\u202e\u001b[2J[a](javascript:b) Maria Musterfrau';
  for (const record of Object.values<{ category: string; metadata: Record<string, string> }>(manifest)) {
    record.category = evil;
    for (const field of Object.keys(record.metadata)) record.metadata[field] = evil;
  }
  await writeFile(path, JSON.stringify(manifest));
  await dataset.vouch();
  const { exitCode, said, output } = await dataset.metadata(
    '--format',
    'md5,sha256,croissant,ro-crate,card,citation,bagit',
  );
  expect(exitCode).toBe(0);
  expect(said.files).toHaveLength(6);
  const bag = ['bag-info.txt', 'fetch.txt', 'manifest-md5.txt'].map((name) => `ffhq-bag/${name}`);
  for (const name of [...said.files.map(({ name: one }: { name: string }) => one), ...bag]) {
    const text = await dataset.read(name);
    expect(text.length).toBeGreaterThan(0);
    expect(text).not.toMatch(/onerror|Musterfrau|javascript:|cmd\|/);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  }
  expect(output).not.toMatch(/Musterfrau/);
  expect(JSON.parse(await dataset.read('croissant.json'))['@type']).toBe('sc:Dataset');
});

test('what somebody else wrote, or changed, stays: it is refused before anything is written', async () => {
  await dataset.vouch();
  expect((await dataset.metadata()).exitCode).toBe(0);
  // Our own are replaced.
  expect((await dataset.metadata()).exitCode).toBe(0);
  await writeFile(join(dataset.out, 'CITATION.cff'), 'mine');
  const before = await dataset.read('manifest.md5');
  const refused = await dataset.metadata('--ids', '0');
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toMatch(/CITATION\.cff\]: expected nothing there, or what this program wrote/);
  expect(await dataset.read('CITATION.cff')).toBe('mine');
  expect(await dataset.read('manifest.md5')).toBe(before);

  const elsewhere = join(dataset.folder, 'elsewhere');
  await mkdir(elsewhere);
  await writeFile(join(dataset.folder, 'victim'), 'as it was');
  await symlink('../victim', join(elsewhere, 'croissant.json'));
  expect((await dataset.metadata('--format', 'croissant', '--to', elsewhere)).exitCode).toBe(2);
  expect(await readFile(join(dataset.folder, 'victim'), 'utf8')).toBe('as it was');
});

test('beside a README of the user the card has another name', async () => {
  await dataset.vouch();
  await writeFile(join(dataset.out, 'README.md'), 'mine');
  const { said } = await dataset.metadata('--format', 'card');
  expect(said.files).toMatchObject([{ format: 'card', name: 'DATASET_CARD.md' }]);
  expect(await dataset.read('README.md')).toBe('mine');
  expect(await dataset.read('DATASET_CARD.md')).toMatch(/^---\nlicense: other\n/);
});

test('each removed record raises the MAJOR part of the version', async () => {
  await dataset.vouch();
  expect((await dataset.metadata('--format', 'croissant')).said).toMatchObject({
    version: '1.0',
    removed: 0,
  });
  const went = (id: number): LedgerLine => ({
    ...{ what: 'record', at: new Date(0).toISOString(), manifest: md5Of(Buffer.from('published')) },
    ...{ id: id as ImageId, record: '0'.repeat(64), files: {} },
  });
  await addToLedger(dataset.out, testSeal, [went(1), went(2)]);
  // Nobody's.
  await appendFile(join(dataset.out, statePaths.exclusionLedger), `${JSON.stringify(went(3))}\n`);
  const { said } = await dataset.metadata('--format', 'croissant,ro-crate,card,citation');
  expect(said).toMatchObject({ version: '3.0', removed: 2 });
  expect(JSON.parse(await dataset.read('croissant.json')).version).toBe('3.0');
  expect(await dataset.read('CITATION.cff')).toContain('version: "3.0"');
  expect(await dataset.read('README.md')).toContain('2 records were removed from this copy');
});

test('formats that are none, a bag with files that nobody asked for, and a folder without a manifest are refused', async () => {
  expect((await dataset.metadata('--format', 'croissant,exe')).stderr).toMatch(
    /flag \[--format\]: expected some of/,
  );
  expect((await dataset.metadata('--bag-payload')).stderr).toMatch(/flag \[--bag-payload\]/);
  const inTheWay = await dataset.metadata('--format', 'md5', '--to', join(dataset.out, 'LICENSE.txt'));
  expect([inTheWay.exitCode, inTheWay.stderr]).toEqual([
    2,
    expect.stringMatching(/expected a folder that can be written to, got EEXIST/),
  ]);
  await rm(join(dataset.out, 'ffhq-dataset-v2.json'));
  const { exitCode, stderr } = await dataset.metadata();
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/expected ffhq-dataset-v2.json, got none/)]);
});

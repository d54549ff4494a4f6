import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { filesUnder, filesWith, manifestFlags } from '../support/arrived-files.ts';
import { serveFaces } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { User } from '../support/processes.ts';

interface Pictured {
  readonly file_path: string;
  readonly file_md5: string;
  readonly pixel_md5: string;
}

interface ManifestRecord {
  readonly metadata: { readonly author: string; readonly photo_url: string };
  readonly image: Pictured;
  readonly thumbnail: Pictured;
  readonly in_the_wild: Pictured;
}

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

test('what is excluded goes with all that tells of it, through kills; nothing of it is asked for again, and all others keep their pixels', async () => {
  const dataset = await serveFaces();
  onTestFinished(() => dataset.close());
  const { sample, out, drive } = dataset;
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: drive.origin });
  const shared = ['--out', out, '--reserve', '0', '--align_threads', '1', '--license-url', 'none'];
  const all = ['run', '-i', '-t', '-w', '--align', ...shared, ...manifestFlags(sample)];
  const shifted = ['--random-shift', '0.2', '--retry-crops', '--align-dir', 'unaligned'];
  expect((await user.run(all)).code).toBe(0);
  expect((await user.run([...all, ...shifted])).code).toBe(0);

  const manifest = JSON.parse(readFileSync(sample.manifestPath, 'utf8')) as Record<string, ManifestRecord>;
  const gone = manifest['1'] as ManifestRecord;
  const kinds = ['image', 'thumbnail', 'in_the_wild'] as const;
  const others = Object.entries(manifest).filter(([id]) => id !== '1');
  const staying = new Set(
    others.flatMap(([, record]) => [
      ...Object.values(record.metadata),
      ...kinds.flatMap((kind) => Object.values(record[kind]).map(String)),
    ]),
  );
  const words = [
    gone.metadata.author,
    gone.metadata.photo_url,
    ...kinds.flatMap((kind) => [gone[kind].file_path, gone[kind].file_md5, gone[kind].pixel_md5]),
  ].filter((word) => !staying.has(word));
  expect(words.length).toBeGreaterThan(5);
  const pictures = () => filesUnder(out).filter((path) => path.endsWith('.png'));
  const digests = () => new Map(pictures().map((path) => [path, sha256(readFileSync(join(out, path)))]));
  const before = digests();
  const paths = [
    ...kinds.map((kind) => gone[kind].file_path).filter((path) => words.includes(path)),
    'realign1024x1024/00000/00001.png',
    'unaligned/00000/00001.png',
  ];
  for (const path of paths) expect(before.has(path), path).toBe(true);
  writeFileSync(join(out, `${paths[0]}.ffhq-part`), 'half a face');
  for (const verb of ['attribution', 'metadata']) expect((await user.run([verb, '--out', out])).code).toBe(0);
  writeFileSync(join(out, 'notes.txt'), `ask for ${gone.metadata.photo_url}, please`);
  mkdirSync(join(out, 'zips'), { recursive: true });
  writeFileSync(join(out, 'zips/images1024x1024.zip'), 'all of them');

  const excluded = await user.run(['exclude', '--ids', '1', '--reason', 'asked for it', '--out', out]);
  expect(excluded.code, excluded.output).toBe(0);
  expect(excluded.output).toContain('1 records are let go');
  const refused = await user.run(['purge', '--out', out]);
  expect(refused.code).toBe(2);
  expect(refused.output).toContain('zips/images1024x1024.zip');
  expect(digests()).toEqual(before);

  const purge = ['purge', '--delete-archives', '--out', out];
  for (const ms of [1_200, 1_700]) {
    const command = user.start(purge);
    await eventually('the moment of the kill', () => Date.now() - command.startedAt >= ms, 60_000);
    await user.killEverything();
  }
  const purged = await user.run(purge);
  expect(purged.code, purged.output).toBe(0);
  expect(purged.output).toContain('notes.txt');
  rmSync(join(out, 'notes.txt'));
  const looked = await user.run(['status', '--out', out]);
  expect(looked.code, looked.output).toBe(0);

  for (const word of words) {
    expect(filesWith(out, word), word).toEqual([]);
    expect(
      filesUnder(out).filter((path) => path.includes(word)),
      word,
    ).toEqual([]);
    expect(filesWith(user.folder, word), `${word} in the server's database`).toEqual([]);
  }
  expect(existsSync(join(out, 'zips/images1024x1024.zip'))).toBe(false);
  const ledger = readFileSync(join(out, '.ffhq/exclusions/ledger.jsonl'), 'utf8');
  expect(ledger).toContain(sha256(gone.image.file_md5));
  expect(ledger).toContain('asked for it');
  const left = new Map([...before].filter(([path]) => !paths.includes(path)));
  expect(digests()).toEqual(left);

  const from = drive.requests.length;
  const again = await user.run(all);
  expect(again.code, again.output).toBe(0);
  expect(drive.requests.slice(from)).toEqual([]);
  expect(readFileSync(join(out, '.ffhq/report.txt'), 'utf8')).toContain('excluded: 1 records');
  rmSync(join(out, 'unaligned'), { recursive: true });
  rmSync(join(out, 'realign1024x1024'), { recursive: true });
  expect((await user.run(all)).code).toBe(0);
  expect((await user.run([...all, ...shifted])).code).toBe(0);
  expect(digests()).toEqual(left);
  const verified = await user.run(['verify', '--out', out]);
  expect(verified.code, verified.output).toBe(0);
  expect(verified.output).toMatch(/complete.*: \d+ records, 1 of them let go/);
  expect(drive.requests.slice(from)).toEqual([]);
  expect(user.processes()).toEqual([]);
}, 300_000);

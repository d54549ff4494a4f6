import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { statePaths } from '../../src/domain/dataset/layout.ts';
import { alignFlags, byteRequests, filesUnder, manifestFlags } from '../support/arrived-files.ts';
import { type ServedDataset, serveFaces } from '../support/datasets/serve-dataset.ts';
import { rot } from '../support/disks/rot.ts';
import { User } from '../support/processes.ts';

const CARD = statePaths.currentManifest;

/*
 * One user, one server and the faces served serve all tests. The first five look at one folder, in turn: each leaves it as
 * whole as it found it, and the last of them with the originals.
 */
let user: User;
let served: ServedDataset;
let discarded: Discarded;
beforeAll(async () => {
  served = await serveFaces();
  user = await User.forFile({ FFHQ_GOOGLE_ORIGIN: served.drive.origin });
  await freshServer();
  discarded = await makeDiscarded();
});
beforeEach(() => user.tellOnFailure());
afterAll(async () => {
  await user.leave();
  await served.close();
});

/** A server that never heard of any folder. */
async function freshServer(): Promise<void> {
  await user.killEverything();
  rmSync(join(user.folder, 'state'), { recursive: true, force: true });
  await user.start(['server']).says(/Ctrl-C stops it/);
}

/** The faces, to arrive in a folder of this name. */
function facesFor(name: string): ServedDataset {
  return { ...served, out: join(user.folder, name) };
}

interface Discarded {
  readonly dataset: ServedDataset;
  readonly command: readonly string[];
  readonly out: string;
}

/** A folder of aligned pictures whose originals were discarded on purpose. */
async function makeDiscarded(): Promise<Discarded> {
  const dataset = facesFor('discarded');
  const { sample, out } = dataset;
  const data = [...manifestFlags(sample), '--license-url', 'none'];
  const command = ['run', '--wilds', ...alignFlags(out), '--discard-originals', ...data];
  const made = await user.run(command);
  expect(made.code, made.output).toBe(0);
  expect(originalsIn(dataset)).toEqual([]);
  return { dataset, command, out };
}

function originalsIn({ out }: ServedDataset): string[] {
  return filesUnder(join(out, 'in-the-wild-images')).filter((path) => path.endsWith('.png'));
}

function originalsFetched(dataset: ServedDataset, from: number): string[] {
  return [...dataset.sample.files.values()]
    .map(({ filePath }) => filePath)
    .filter((path) => path.startsWith('in-the-wild-images/') && byteRequests(dataset, path, from).length > 0);
}

test('after --discard-originals verify needs no server: it looks at every picture and misses no original', async () => {
  const { dataset, out } = discarded;
  const from = dataset.drive.requests.length;
  // Another request in between, and then a server that never heard of the folder.
  const other = ['run', '--json', '--out', out, '--reserve', '0', ...manifestFlags(dataset.sample)];
  expect((await user.run([...other, '--license-url', 'none'])).code).toBe(0);
  await freshServer();
  for (const repair of [[], ['--repair']]) {
    const { code, output } = await user.run(['verify', ...repair, '--out', out, '--reserve', '0']);
    expect(code, output).toBe(0);
    expect(output).toContain('4 identical');
  }
  // Whoever asks for the originals alone gets the same answer: they have served.
  const originals = await user.run(['verify', '--repair', '--wilds', '--out', out, '--reserve', '0']);
  expect(originals.code, originals.output).toBe(0);
  expect(originalsFetched(dataset, from)).toEqual([]);
}, 240_000);

test('a damaged picture brings back exactly its original, by --repair and by the command that made it', async () => {
  const { dataset, out, command } = discarded;
  const rotten = 'realign1024x1024/00000/00001.png';
  const original = 'in-the-wild-images/00000/00001.png';
  const right = readFileSync(join(out, rotten));

  for (const mend of [['verify', '--repair', '--out', out, '--reserve', '0'], command]) {
    rot(join(out, rotten), join(user.folder, 'time'));
    let from = dataset.drive.requests.length;
    const seen = await user.run(['verify', '--out', out]);
    expect(seen.code, seen.output).toBe(3);
    expect((await user.run(['report', '--out', out])).output).toMatch(/00001\.png: corrupt/);
    expect(originalsFetched(dataset, from)).toEqual([]);
    await freshServer();

    from = dataset.drive.requests.length;
    const mended = await user.run(mend);
    expect(mended.code, mended.output).toBe(0);
    expect(originalsFetched(dataset, from)).toEqual([original]);
    expect(readFileSync(join(out, rotten))).toEqual(right);
    expect(originalsIn(dataset)).toEqual([]);
  }

  // Found by --repair itself, which nobody told.
  rot(join(out, rotten), join(user.folder, 'time'));
  const from = dataset.drive.requests.length;
  const mended = await user.run(['verify', '--repair', '--out', out, '--reserve', '0']);
  expect(mended.code, mended.output).toBe(0);
  expect(originalsFetched(dataset, from)).toEqual([original]);
  expect(readFileSync(join(out, rotten))).toEqual(right);
  expect(existsSync(join(out, original))).toBe(false);
}, 240_000);

test('pictures whose times changed, as by cp -r, and a request for their pixels alone bring back no original', async () => {
  const { dataset, out, command } = discarded;
  const pictures = filesUnder(join(out, 'realign1024x1024')).filter((path) => path.endsWith('.png'));
  expect(pictures).toHaveLength(4);
  const from = dataset.drive.requests.length;
  for (const path of pictures) utimesSync(join(out, 'realign1024x1024', path), 1_000, 1_000);
  const again = await user.run(command);
  expect(again.code, again.output).toBe(0);
  const less = await user.run(command.filter((flag) => flag !== '--file-identical'));
  expect(less.code, less.output).toBe(0);
  expect(originalsFetched(dataset, from)).toEqual([]);

  // One of them is not what it was: then its original comes, and goes.
  writeFileSync(join(out, 'realign1024x1024', pictures[2] ?? ''), 'cut short');
  const mended = await user.run(command);
  expect(mended.code, mended.output).toBe(0);
  expect(originalsFetched(dataset, from)).toEqual([`in-the-wild-images/${pictures[2]}`]);
  expect(originalsIn(dataset)).toEqual([]);
  expect((await user.run(['verify', '--out', out])).output).toContain('4 identical');
}, 240_000);

test('after the key was lost and a run of another one, verify still knows what was discarded, and --repair fetches none of it', async () => {
  const { dataset, out } = discarded;
  const key = join(user.folder, 'another-key');
  writeFileSync(key, Buffer.alloc(32, 'another'), { mode: 0o600 });
  const data = [...manifestFlags(dataset.sample), '--license-url', 'none', '--reserve', '0', '--out', out];
  const other = await user.run(['run', '--images', ...data], { FFHQ_KEY_FILE: key });
  expect(other.code, other.output).toBe(0);
  const from = dataset.drive.requests.length;
  for (const repair of [[], ['--repair']]) {
    const looked = await user.run(['verify', ...repair, '--out', out, '--reserve', '0'], {
      FFHQ_KEY_FILE: key,
    });
    expect(looked.code, looked.output).toBe(0);
    expect(looked.output).toContain('4 identical');
    expect(looked.output).toContain('--wilds --align --file-identical --discard-originals');
  }
  expect(originalsFetched(dataset, from)).toEqual([]);

  // The first key comes back: it looks at what its own runs made, and at what the other one's put there.
  const [picture, image] = ['realign1024x1024/00000/00001.png', 'images1024x1024/00000/00001.png'];
  for (const rotten of [picture, image]) {
    const right = readFileSync(join(out, rotten));
    rot(join(out, rotten), join(user.folder, 'time'));
    const found = await user.run(['verify', '--out', out]);
    expect(found.code, found.output).toBe(3);
    expect((await user.run(['report', '--out', out])).output).toContain('00001.png');
    const mended = await user.run(['verify', '--repair', '--out', out, '--reserve', '0']);
    expect(mended.code, mended.output).toBe(0);
    expect(readFileSync(join(out, rotten))).toEqual(right);
  }
  expect(originalsIn(dataset)).toEqual([]);
}, 300_000);

test('originals that a later run kept are missed once they are gone, and stay when they are mended', async () => {
  const { dataset, out, command } = discarded;
  const kept = command.filter((flag) => flag !== '--discard-originals');
  const run = await user.run(kept);
  expect(run.code, run.output).toBe(0);
  expect(originalsIn(dataset)).toHaveLength(4);
  const untouched = await user.run(['verify', '--out', out]);
  expect(untouched.code, untouched.output).toBe(0);
  const original = join(out, 'in-the-wild-images/00000/00001.png');
  for (const harm of [() => rmSync(original), () => rot(original, join(user.folder, 'time'))]) {
    harm();
    const missed = await user.run(['verify', '--out', out]);
    expect(missed.code, missed.output).toBe(3);
    const repaired = await user.run(['verify', '--repair', '--out', out, '--reserve', '0']);
    expect(repaired.code, repaired.output).toBe(0);
    expect(existsSync(original)).toBe(true);
  }
}, 300_000);

test('looking at a folder by another manifest leaves its card and its manifest as they are', async () => {
  const dataset = facesFor('by-another-manifest');
  const { sample, out } = dataset;
  const flags = ['--out', out, '--license-url', 'none'];
  const run = await user.run([
    'run',
    '--json',
    '--images',
    '--reserve',
    '0',
    ...manifestFlags(sample),
    ...flags,
  ]);
  expect(run.code, run.output).toBe(0);
  const manifest = join(out, 'ffhq-dataset-v2.json');
  const [text, card] = [readFileSync(manifest, 'utf8'), readFileSync(join(out, CARD), 'utf8')];
  const { '1000': removed, ...others } = JSON.parse(text) as Record<string, { image: { file_path: string } }>;
  const shorter = join(user.folder, 'shorter.json');
  writeFileSync(shorter, JSON.stringify(others));
  const looked = await user.run(['verify', '--manifest', shorter, ...flags]);
  expect(looked.code, looked.output).toBe(0);
  expect(readFileSync(manifest, 'utf8')).toBe(text);
  expect(readFileSync(join(out, CARD), 'utf8')).toBe(card);
  rot(join(out, removed?.image.file_path ?? ''), join(user.folder, 'time'));
  expect((await user.run(['verify', '--out', out])).code).toBe(3);
}, 240_000);

test('what a run of another key put there from elsewhere is named by a line, and never passed over', async () => {
  const dataset = facesFor('from-elsewhere');
  const { sample, out } = dataset;
  const key = join(user.folder, 'another-key');
  writeFileSync(key, Buffer.alloc(32, 'another'), { mode: 0o600 });
  const manifest = join(user.folder, 'mine.json');
  // The same records, in a text of another digest.
  const text = readFileSync(join(sample.folder, 'ffhq-dataset-v2.json'), 'utf8');
  writeFileSync(manifest, JSON.stringify(JSON.parse(text), null, 3));
  const flags = ['--license-url', 'none', '--reserve', '0', '--out', out];
  const theirs = await user.run(['run', '--images', '--manifest', manifest, ...flags], {
    FFHQ_KEY_FILE: key,
  });
  expect(theirs.code, theirs.output).toBe(0);
  // As the refusal says that asks for it: whose text this is, only the other key knows.
  rmSync(join(out, 'ffhq-dataset-v2.json'));
  const ours = await user.run(['run', '--thumbs', ...manifestFlags(sample), ...flags]);
  expect(ours.code, ours.output).toBe(0);
  const looked = await user.run(['verify', '--out', out]);
  expect(looked.code, looked.output).toBe(0);
  expect(looked.output).toMatch(/not looked at: .*name it with --images --manifest \S*mine\.json/);
  // Those very flags look at it, and say what they leave out.
  const named = await user.run([
    'verify',
    '--images',
    '--manifest',
    manifest,
    '--license-url',
    'none',
    '--out',
    out,
  ]);
  expect(named.code, named.output).toBe(0);
  expect(named.output).toMatch(/not looked at: this folder also holds thumbs/);
  expect(named.output).not.toContain('mine.json: name it');
}, 240_000);

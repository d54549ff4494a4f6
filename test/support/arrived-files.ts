import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parsePartialName } from '../../src/domain/dataset/partial-name.ts';
import type { Sample } from '../../src/sample/folder/sample.ts';
import type { RecordedRequest } from '../../src/stand-in/requests.ts';
import type { ServedDataset } from './datasets/serve-dataset.ts';

/** The flags that ask for a served dataset as a whole. */
export function flagsFor(dataset: ServedDataset): string[] {
  const { sample, out } = dataset;
  const flags = ['-i', '-t', '-w', '--out', out, '--reserve', '0', '--license-url', sample.licenseUrl];
  return [...flags, ...manifestFlags(sample)];
}

/** The flags that name a dataset's manifest, by its URL unless the test has a path. */
export function manifestFlags(sample: Sample, manifest = sample.manifestUrl): string[] {
  return ['--manifest', manifest, '--manifest-md5', sample.manifestMd5];
}

/** The flags that align a dataset face by face, with the reference's very bytes. */
export function alignFlags(out: string): string[] {
  return ['--align', '--out', out, '--reserve', '0', '--align_threads', '1', '--file-identical'];
}

/** Pictures of the dataset. */
export function picturesOf(dataset: ServedDataset): string[] {
  return [...dataset.sample.files.values()]
    .map(({ filePath }) => filePath)
    .filter((path) => path.endsWith('.png'));
}

/** What lies on the disk of a dataset's pictures: whole ones, and bytes of unfinished ones. */
export interface OnDisk {
  readonly whole: ReadonlySet<string>;
  readonly partial: ReadonlyMap<string, number>;
}

export function lookAtDisk(dataset: ServedDataset): OnDisk {
  const whole = new Set<string>();
  const partial = new Map<string, number>();
  for (const path of filesUnder(dataset.out)) {
    const slash = path.lastIndexOf('/');
    const unfinished = parsePartialName(path.slice(slash + 1));
    if (unfinished === undefined) {
      if (path.endsWith('.png')) whole.add(path);
      continue;
    }
    const target = path.slice(0, slash + 1) + unfinished.target;
    if (!target.endsWith('.png')) continue;
    // Taken over or put in place a moment ago.
    const size = statSync(join(dataset.out, path), { throwIfNoEntry: false })?.size ?? 0;
    if (size >= (partial.get(target) ?? 0)) partial.set(target, size);
  }
  return { whole, partial };
}

/** Every picture is there byte for byte, and nothing unfinished lies about. */
export function expectAllArrived(dataset: ServedDataset): void {
  const wrong = [...dataset.sample.files.values()].filter(
    ({ filePath, md5 }) => md5OfFile(join(dataset.out, filePath)) !== md5,
  );
  expect(wrong.map(({ filePath }) => filePath)).toEqual([]);
  expect(filesUnder(dataset.out).filter((path) => path.endsWith('.ffhq-part'))).toEqual([]);
}

/** Nothing that lies under a final name is anything but whole. */
export function expectNothingHalf(dataset: ServedDataset): void {
  const { whole } = lookAtDisk(dataset);
  const half = [...dataset.sample.files.values()].filter(
    ({ filePath, md5 }) => whole.has(filePath) && md5OfFile(join(dataset.out, filePath)) !== md5,
  );
  expect(half.map(({ filePath }) => filePath)).toEqual([]);
}

/** Requests for the bytes of a file that were answered with them. */
export function byteRequests(dataset: ServedDataset, path: string, from = 0): readonly RecordedRequest[] {
  const id = dataset.idOf(path);
  return dataset.drive.requests.slice(from).filter(({ file, answer }) => file === id && answer === 'file');
}

/**
 * After a kill: what was whole is not asked for again, and what was begun goes on at the byte where it was.
 * `from`: how many requests there were when everything was dead. Answers how many files went on by Range.
 */
export function expectGoneOn(dataset: ServedDataset, before: OnDisk, from: number): number {
  const again = [...before.whole].filter((path) => byteRequests(dataset, path, from).length > 0);
  expect(again, 'whole files that were fetched again').toEqual([]);
  let resumed = 0;
  for (const [path, bytes] of before.partial) {
    const [first] = byteRequests(dataset, path, from);
    if (before.whole.has(path) || bytes === 0 || first === undefined) continue;
    expect(first.range, `${path}, of which ${bytes} bytes were there`).toMatch(
      new RegExp(`^bytes=${bytes}-`),
    );
    resumed++;
  }
  return resumed;
}

/** Paths relative to the folder; none when it is not there. */
export function filesUnder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function md5OfFile(path: string): string {
  try {
    return createHash('md5').update(readFileSync(path)).digest('hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
}

/** Every file below a folder in which the text stands, the server's database too. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => readFileSync(path).includes(text));
}

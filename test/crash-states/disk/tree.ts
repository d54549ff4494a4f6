import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { STEP, STEPS } from './coarse-clock.ts';

/** A file's bytes and the moment of their last change. */
export interface TreeFile {
  readonly bytes: Buffer;
  readonly md5: string;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
}

/** What lies below a folder: files, and `undefined` for folders, by path relative to it. Parents come first. */
export type Tree = ReadonlyMap<string, TreeFile | undefined>;

export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Empty where there is no such folder. */
export function readTree(root: string): Tree {
  const tree = new Map<string, TreeFile | undefined>();
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        tree.set(path, undefined);
        visit(path);
      } else {
        const bytes = readFileSync(join(root, path));
        const mtime = lstatSync(join(root, path), { bigint: true }).mtimeNs;
        tree.set(path, { bytes, md5: md5Of(bytes), mtime });
      }
    }
  };
  if (lstatSync(root, { throwIfNoEntry: false }) !== undefined) visit('');
  return tree;
}

/** Puts a tree on the disk, below a folder that is not there yet. Times must be those of a {@link CoarseClock}. */
export function writeTree(root: string, tree: Tree): void {
  mkdirSync(root, { recursive: true });
  for (const [path, file] of tree) {
    const place = join(root, path);
    if (file === undefined) mkdirSync(place, { recursive: true });
    else writeFileSync(place, file.bytes);
  }
  for (const [path, file] of tree) {
    if (file === undefined) continue;
    const seconds = Number(file.mtime / STEP) / Number(STEPS);
    utimesSync(join(root, path), seconds, seconds);
  }
  for (const [path, file] of tree) if (file && RECORDS.test(path)) correctBirths(root, path, file);
}

const RECORDS = /^\.ffhq\/verified\/.*\.jsonl$/;

/** What lies there again is what lay there, though it came to be at another moment, which nobody can set. */
function correctBirths(root: string, path: string, { bytes, mtime }: TreeFile): void {
  const text = bytes.toString('latin1');
  const corrected = text.replace(/^.*"born":"(\d+)".*$/gm, (line, born: string) => {
    const file = /"file":"([^"]*)"/.exec(line)?.[1] ?? '';
    const info = lstatSync(join(root, file), { bigint: true, throwIfNoEntry: false });
    return info === undefined ? line : line.replace(`"born":"${born}"`, `"born":"${info.birthtimeNs}"`);
  });
  if (corrected === text) return;
  writeFileSync(join(root, path), corrected, 'latin1');
  const seconds = Number(mtime / STEP) / Number(STEPS);
  utimesSync(join(root, path), seconds, seconds);
}

/** Equal for trees that no program can tell apart. */
export function digestOf(tree: Tree): string {
  const lines = [...tree].map(([path, file]) => (file ? `${path}\0${file.md5}\0${file.mtime}` : path));
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 16);
}

export function parentOf(path: string): string {
  const parent = dirname(path);
  return parent === '.' ? '' : parent;
}

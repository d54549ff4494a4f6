import { expect, test } from 'vitest';
import { CoarseClock } from '../disk/coarse-clock.ts';
import { isName, type Operation, ROOT } from '../disk/operations.ts';
import { CrashedDisks } from './crashed-disk.ts';
import { allWays, drawsOf, lossAt } from './losses.ts';

const time = 1_700_000_000;
const FOLDER = 1;
const PARTIAL = 2;
const RECORD = 3;

/** A file that is written, synced and renamed into a new folder, and a note of that: as this program works. */
const written: readonly Operation[] = [
  { kind: 'mkdir', at: { folder: ROOT, name: 'pictures' }, inode: FOLDER, time, path: 'pictures' },
  { kind: 'create', at: { folder: FOLDER, name: 'a.part' }, inode: PARTIAL, time, path: 'pictures/a.part' },
  { kind: 'write', inode: PARTIAL, offset: 0, bytes: Buffer.from('picture'), time, path: 'pictures/a.part' },
  { kind: 'sync', inode: PARTIAL, time, path: 'pictures/a.part' },
  {
    ...{ kind: 'rename', from: { folder: FOLDER, name: 'a.part' }, at: { folder: FOLDER, name: 'a' } },
    ...{ inode: PARTIAL, time, path: 'pictures/a.part -> pictures/a' },
  },
  { kind: 'create', at: { folder: ROOT, name: 'log' }, inode: RECORD, time, path: 'log' },
  { kind: 'write', inode: RECORD, offset: 0, bytes: Buffer.from('a is right'), time, path: 'log' },
];

/** Every disk that can be left when all of it was done, in one line each. */
function disksAfter(operations: readonly Operation[], ways = allWays): Set<string> {
  const history = { before: new Map(), operations, inodes: new Map(), mtimes: [] };
  const disks = new CrashedDisks(history, new CoarseClock([]));
  const found = new Set<string>();
  for (const way of ways) {
    for (let draw = 0; draw < drawsOf(way); draw++) {
      const tree = disks.after(operations.length, lossAt(operations, operations.length, way, draw));
      const files = [...tree].flatMap(([path, file]) =>
        file ? [`${path}=${JSON.stringify(file.bytes.toString())}`] : [],
      );
      found.add(files.sort().join(' '));
    }
  }
  return found;
}

test('a file that was synced may lose its name and its folder, and never its bytes', () => {
  const disks = [...disksAfter(written)];
  expect(disks).toContain('');
  expect(disks).toContain('log="a is right"');
  expect(disks.some((disk) => disk.includes('pictures/a="picture"'))).toBe(true);
  for (const disk of disks) expect(disk).not.toMatch(/pictures\/a[^=]*=(?!"picture")/);
});

test('a file that was not synced may be empty, half, or of the right size without its bytes', () => {
  const disks = [...disksAfter(written)].map((disk) => /log=("[^"]*")/.exec(disk)?.[1]);
  expect(disks).toEqual(expect.arrayContaining(['""', '"a is "', JSON.stringify('\0'.repeat(10))]));
});

test('once folders and files are synced nothing can be lost', () => {
  const syncs = [ROOT, FOLDER, RECORD].map((inode) => ({ kind: 'sync' as const, inode, time, path: '' }));
  expect(disksAfter([...written, ...syncs])).toEqual(new Set(['log="a is right" pictures/a="picture"']));
});

test('a journal keeps names in their order, and with a sync all names before it', () => {
  for (let draw = 0; draw < drawsOf('in order'); draw++) {
    const { lost } = lossAt(written, written.length, 'in order', draw);
    const names = [...written.entries()].filter(([, one]) => isName(one)).map(([number]) => number);
    const kept = names.filter((number) => !lost.has(number));
    expect(kept).toEqual(names.slice(0, kept.length));
    expect(kept.length).toBeGreaterThanOrEqual(2);
  }
});

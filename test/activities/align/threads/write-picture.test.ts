import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  refuseUnlike,
  UnlikeWrittenError,
  writePicture,
} from '../../../../src/activities/align/threads/write-picture.ts';

const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, at) => (at * 7) % 251));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-test-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function readBack(onDisk: Buffer): void {
  const path = join(folder, 'picture.png');
  writeFileSync(path, onDisk);
  const fd = openSync(path, 'r');
  try {
    refuseUnlike(fd, bytes);
  } finally {
    closeSync(fd);
  }
}

test('a picture is on the disk as it was given', () => {
  const path = join(folder, 'picture.png');
  writePicture(path, bytes);
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test('a disk that gives back another byte, fewer or more, is found out', () => {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(599_999) ^ 1, 599_999);
  for (const wrong of [
    flipped,
    bytes.subarray(0, -1),
    Buffer.concat([bytes, Buffer.from([0])]),
    Buffer.alloc(0),
  ]) {
    expect(() => readBack(wrong)).toThrow(UnlikeWrittenError);
  }
  expect(() => readBack(bytes)).not.toThrow();
});

test('a picture that cannot be written leaves nothing, and says what the file system said', () => {
  const path = join(folder, 'not', 'there.png');
  expect(() => writePicture(path, bytes)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  writeFileSync(join(folder, 'taken.png'), 'somebody else`s');
  expect(() => writePicture(join(folder, 'taken.png'), bytes)).toThrow(
    expect.objectContaining({ code: 'EEXIST' }),
  );
  expect(readFileSync(join(folder, 'taken.png'), 'utf8')).toBe('somebody else`s');
  expect(existsSync(path)).toBe(false);
});

import { expect, test } from 'vitest';
import { MOST_DIRECTORY_BYTES } from '../../../src/domain/archive/bad-archive.ts';
import { MemberTable, STORED } from '../../../src/domain/archive/member-table.ts';

test('names of any length take no more memory than a directory may', () => {
  const table = new MemberTable();
  const name = new Uint8Array(1024 ** 2).fill(0x61);
  const member = { offset: 0, packed: 0, size: 0, method: STORED, head: 0 };
  const addMany = () => {
    for (let nth = 0; nth < 1_000; nth++) table.add(name, member);
  };
  expect(addMany).toThrow(`expected names of at most ${MOST_DIRECTORY_BYTES} bytes, got more`);
  expect(table.bytes).toBeLessThan(1.1 * MOST_DIRECTORY_BYTES);
});

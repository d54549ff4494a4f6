import { expect, test } from 'vitest';
import { SharedMemory } from '../../../../src/activities/align/threads/shared-memory.ts';

const mebibyte = 1024 ** 2;

function addressOf(memory: SharedMemory, bytes: number): Promise<ArrayBufferLike> {
  return memory.use(bytes, async ({ buffer }) => buffer);
}

test('each user has as many bytes as asked for, and nobody else has them meanwhile', async () => {
  const memory = new SharedMemory();
  await memory.use(10, async (first) => {
    first.fill(1);
    await memory.use(3 * mebibyte, async (second) => {
      second.fill(2);
      expect(second.length).toBe(3 * mebibyte);
    });
    expect(Array.from(first)).toEqual(new Array(10).fill(1));
  });
  expect(await memory.use(0, async ({ length }) => length)).toBe(0);
});

test('memory is used again, also after work that failed, and not kept where it is too small', async () => {
  const memory = new SharedMemory();
  const small = await addressOf(memory, mebibyte);
  await expect(memory.use(5, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await addressOf(memory, 5)).toBe(small);
  const large = await addressOf(memory, 2 * mebibyte);
  expect(large).not.toBe(small);
  expect(await addressOf(memory, 5)).toBe(large);
});

test('memory for an uncommonly large file is given back', async () => {
  const memory = new SharedMemory();
  const huge = await addressOf(memory, 65 * mebibyte);
  expect(await addressOf(memory, 5)).not.toBe(huge);
});

import { expect, test } from 'vitest';
import { ReusedBuffers } from '../../../src/activities/hash/reused-buffers.ts';

const MIB = 1024 ** 2;

/** What lies behind a view. */
const memoryOf = (buffer: Buffer) => buffer.buffer;

test('of works that go on at the same time none has the bytes of another', async () => {
  const buffers = new ReusedBuffers();
  const round = (nth: number) =>
    buffers.use(MIB + nth, async (mine) => {
      expect(mine.length).toBe(MIB + nth);
      mine.fill(nth);
      await new Promise(setImmediate);
      expect(mine.every((byte) => byte === nth)).toBe(true);
      return memoryOf(mine);
    });
  const first = await Promise.all([1, 2, 3].map(round));
  const second = await Promise.all([4, 5, 6].map(round));
  expect(new Set(first).size).toBe(3);
  expect(new Set(second)).toEqual(new Set(first));
});

test('a work that fails, at once or later, gives its bytes back', async () => {
  const buffers = new ReusedBuffers();
  const seen: unknown[] = [];
  const fail = (how: (mine: Buffer) => Promise<never>) =>
    expect(
      buffers.use(MIB, (mine) => {
        seen.push(memoryOf(mine));
        return how(mine);
      }),
    ).rejects.toThrow('undecodable');
  await fail(() => {
    throw new Error('undecodable');
  });
  await fail(() => Promise.reject(new Error('undecodable')));
  await buffers.use(MIB, async (mine) => seen.push(memoryOf(mine)));
  expect(new Set(seen).size).toBe(1);
});

test('what lies unused is bounded, however much was in use', async () => {
  const buffers = new ReusedBuffers();
  const many = () =>
    Promise.all(
      Array.from({ length: 64 }, () =>
        buffers.use(MIB, async (mine) => {
          await new Promise(setImmediate);
          return memoryOf(mine);
        }),
      ),
    );
  const first = new Set(await many());
  const again = (await many()).filter((memory) => first.has(memory));
  expect(again).toHaveLength(32);
});

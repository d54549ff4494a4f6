import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HashTogether } from '../../../src/activities/hash/hash-together.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';

const never = new AbortController().signal;
/** Around the ends of blocks, where the padding takes another one, and longer than what a lane takes at a time. */
const length = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.constantFrom(6_143, 6_144, 6_145, 6_200, 12_288),
  fc.integer({ min: 0, max: 60_000 }),
);

describe.each([
  ['with lanes', true],
  ['without', false],
] as const)('%s', (_, simd) => {
  test('messages of any lengths that are hashed together have the digests they have alone', async () => {
    const hashing = new HashTogether(simd);
    await fc.assert(
      fc.asyncProperty(fc.array(length, { maxLength: 11 }), async (lengths) => {
        const messages = lengths.map((bytes) => randomBytes(bytes));
        const digests = await Promise.all(messages.map((bytes) => hashing.md5(bytes, never)));
        expect(digests).toEqual(messages.map(md5Of));
      }),
      { numRuns: 60 },
    );
  });

  test('who gives up is told his own reason, and the others their digests', async () => {
    const hashing = new HashTogether(simd);
    const messages = [1, 2, 3].map(() => randomBytes(300_000));
    const stop = new AbortController();
    const reason = new Error('enough');
    const answers = Promise.allSettled(
      messages.map((bytes, nth) => hashing.md5(bytes, nth === 1 ? stop.signal : never)),
    );
    stop.abort(reason);
    const [first, second, third] = await answers;
    expect(first).toEqual({ status: 'fulfilled', value: md5Of(messages[0] as Buffer) });
    expect(second).toEqual({ status: 'rejected', reason });
    expect(third).toEqual({ status: 'fulfilled', value: md5Of(messages[2] as Buffer) });
  });
});

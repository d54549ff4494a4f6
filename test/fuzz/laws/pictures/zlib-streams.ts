import fc from 'fast-check';
import { makeRows } from '../../../../src/activities/kernels/make-rows.ts';
import { expectAsZlib } from '../../hostile/as-zlib.ts';
import { hostileBytes, spoilt } from '../../hostile/bytes.ts';
import { zlibStream } from '../../hostile/zlib-streams.ts';
import { law } from '../../law.ts';

const stream = fc.record({
  seed: fc.nat(),
  bytes: fc.oneof(fc.constant([]), hostileBytes(2)),
  piece: fc.integer({ min: 1, max: 3_000 }),
});

const { inflate } = makeRows();

/** Inflated by our own kernel: as zlib has it, bytes and refusals, in pieces of any size. */
export const zlibStreams = law('zlib-streams', 300, stream, ({ seed, bytes, piece }) => {
  if (inflate) expectAsZlib(inflate, spoilt(zlibStream(seed), bytes), piece);
});

import { expect, test } from 'vitest';
import { rawChannels } from '../../../src/domain/png/png-header.ts';

test('raw pixels have the channels that the reference would hash', () => {
  const channels = (colourType: number) =>
    rawChannels({ width: 1, height: 1, bitDepth: 8, colourType, interlaced: false });
  expect([0, 2, 3, 4, 6].map(channels)).toEqual([1, 3, undefined, undefined, 4]);
});

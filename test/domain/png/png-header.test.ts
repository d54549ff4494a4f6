import { expect, test } from 'vitest';
import { parsePngHeader, rawChannels } from '../../../src/domain/png/png-header.ts';
import { headerChunk } from '../../activities/png/png-pieces.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

test('a picture without pixels is no PNG', () => {
  const seen = (width: number, height: number) =>
    parsePngHeader(Buffer.concat([SIGNATURE, headerChunk(width, height)]));
  expect(seen(3, 2)).toMatchObject({ width: 3, height: 2 });
  for (const [width, height] of [
    [0, 2],
    [3, 0],
    [0, 0],
  ] as const)
    expect(seen(width, height)).toBeUndefined();
});

test('raw pixels have the channels that the reference would hash', () => {
  const channels = (colourType: number) =>
    rawChannels({ width: 1, height: 1, bitDepth: 8, colourType, interlaced: false });
  expect([0, 2, 3, 4, 6].map(channels)).toEqual([1, 3, undefined, undefined, 4]);
});

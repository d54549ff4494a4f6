import { expect, test } from 'vitest';
import { bothHurried, type Hurried, hurriedWords, notHurried } from '../../../src/domain/waits/hurried.ts';

test('only what was hurried is said to be', () => {
  const all: readonly Hurried[] = [{ ended: 1 }, { ended: 2, kept: true }, { ended: 0, asked: true }];
  expect(hurriedWords(notHurried)).toEqual({});
  expect(hurriedWords({ ended: 1 })).toEqual({ ended: '1 wait ended' });
  expect(hurriedWords(all.slice(0, 2).reduce(bothHurried))).toEqual({
    ended: '3 waits ended',
    kept: 'a closed source was asked a moment ago, or its gate does not hear: its wait goes on',
  });
  // One folder heard of the other's hurry: that is one source, and it is asked.
  expect(hurriedWords(all.reduce(bothHurried))).toEqual({
    ended: '3 waits ended; a closed source is being asked',
  });
});

import { expect, test } from 'vitest';
import { LiveContent } from '../../../src/commands/report/live-content.ts';

const known = (records: number) => ({
  content: {
    ...{ records, excluded: 0, present: 0, kinds: [], licenses: [], accounts: 0 },
    stats: { ...empty },
  },
  faces: [],
});
const empty = { category: new Map(), license: new Map(), country: new Map() };

test('what lies in the folder is told as of the last pass, nobody waits for one, and passes rest', async () => {
  let passes = 0;
  const live = new LiveContent(async () => known(++passes));
  expect(live.now().content).toBeUndefined();
  await live.settled();
  expect(live.now().content?.records).toBe(1);
  expect(live.now().content?.records).toBe(1);
  await live.settled();
  expect(passes).toBe(1);
});

test('a pass that fails leaves what was known', async () => {
  const live = new LiveContent(() => Promise.reject(new Error('the manifest is being replaced')));
  live.now();
  await live.settled();
  expect(live.now()).toEqual({ content: undefined, faces: [] });
});

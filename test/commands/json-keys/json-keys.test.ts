import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exitCodes } from '../../../src/domain/failure/exit-code.ts';
import { type Tour, tourOfVerbs } from './every-verb.ts';
import { differences } from './shape.ts';

test('exit codes keep their meaning', () => {
  expect(exitCodes).toEqual({
    complete: 0,
    internalError: 1,
    nothingFound: 1,
    refusedInput: 2,
    completeWithFailures: 3,
    cancelled: 4,
    paused: 5,
    serverUnreachable: 6,
    interrupted: 130,
  });
});

test('every verb ends and speaks JSON as those before: its exit code, its events, their keys and types', async () => {
  const before: Tour = JSON.parse(readFileSync(new URL('./json-keys.json', import.meta.url), 'utf8'));
  const now = await tourOfVerbs();
  expect(now.exitCodes).toEqual(before.exitCodes);
  const changed = Object.entries(now.shapes).map(([scene, shape]) => [
    scene,
    differences(before.shapes[scene] ?? {}, shape),
  ]);
  expect(Object.fromEntries(changed.filter(([, found]) => found?.length))).toEqual({});
}, 300_000);

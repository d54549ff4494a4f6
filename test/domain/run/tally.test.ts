import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addTallies, emptyTally, FIRST_KEYS, type Tally } from '../../../src/domain/run/progress.ts';
import { deferredTally, doneTally, failedTally } from '../../../src/domain/run/tally-file.ts';
import { RunTallies, tallySince } from '../../../src/domain/run/tally-run.ts';

const fileTally = fc.oneof(
  fc
    .record({ bytes: fc.nat(1000), fetched: fc.boolean() })
    .map(({ bytes, fetched }) => doneTally(bytes, fetched)),
  fc.nat(99).map((key) => failedTally(String(key), 'missing')),
  fc.constant(deferredTally),
);
const sum = (tallies: readonly Tally[]) => tallies.reduce(addTallies, emptyTally);

test('counting bundle by bundle or file by file comes to the same', () => {
  fc.assert(
    fc.property(fc.array(fileTally), fc.array(fileTally), (a, b) => {
      expect(addTallies(sum(a), sum(b))).toEqual(sum([...a, ...b]));
    }),
  );
});

test('every failure is counted, and the first keys are kept', () => {
  const tally = sum(Array.from({ length: 25 }, (_, key) => failedTally(String(key), 'quota')));
  expect(tally.failedFiles).toBe(25);
  expect(tally.failures.quota).toEqual({
    count: 25,
    first: Array.from({ length: FIRST_KEYS }, (_, key) => String(key)),
  });
});

test('reasons count by their own name alone, whatever other objects inherit', () => {
  const names = ['toString', 'constructor', '__proto__'];
  const failures = JSON.parse(
    `{${names.map((name) => `"${name}":{"count":1,"first":["7"]}`).join(',')}}`,
  ) as Tally['failures'];
  const twice = sum([{ ...emptyTally, failures }, emptyTally, { ...emptyTally, failures }]);
  expect(Object.entries(twice.failures)).toEqual(
    names.map((name) => [name, { count: 2, first: ['7', '7'] }]),
  );
});

test('a shard that reports again replaces what it said before, and settles once', () => {
  const planned = { ...emptyTally, files: 10, bytes: 100, doneFiles: 4, doneBytes: 40 };
  const tallies = new RunTallies({ images: planned });
  const now = (doneFiles: number) => ({ ...planned, doneFiles, doneBytes: doneFiles * 10 });
  for (const done of [5, 7]) tallies.change('images 00000', 'images', tallySince(planned, now(done)));
  expect(tallies.all.images).toMatchObject({ files: 10, bytes: 100, doneFiles: 7, doneBytes: 70 });
  expect(tallies.settled.images).toMatchObject({ doneFiles: 4 });
  tallies.settle('images 00000', 'images', tallySince(planned, now(10)));
  expect(tallies.all.images).toMatchObject({ files: 10, doneFiles: 10, doneBytes: 100 });
  expect(tallies.settled).toEqual(tallies.all);
});

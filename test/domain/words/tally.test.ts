import { expect, test } from 'vitest';
import { emptyTally, type Tally } from '../../../src/domain/run/progress.ts';
import { failedKeys, tallyFigures, tallySentence } from '../../../src/domain/words/tally.ts';

const whole: Tally = {
  ...emptyTally,
  files: 1200,
  bytes: 3 * 1024 ** 2,
  doneFiles: 1198,
  doneBytes: 3 * 1024 ** 2,
  fetchedFiles: 10,
  fetchedBytes: 20 * 1024,
  failedFiles: 2,
};

test('a kind that is through is told in one sentence, without what there is nothing of', () => {
  expect(tallySentence('images', whole)).toBe(
    '1,198/1,200 files there and verified, 3.00 MiB; 10 fetched, 20.0 KiB; 2 failed',
  );
  const aligned = { ...whole, fetchedFiles: 0, failedFiles: 0, identicalFiles: 4 };
  expect(tallySentence('align', aligned)).toBe(
    '1,198/1,200 files there and verified, 3.00 MiB; nothing aligned; 4 identical to the published pictures',
  );
  expect(tallySentence('licenses', { ...emptyTally, files: 1, doneFiles: 1 })).toBe(
    '1/1 file there and verified; nothing fetched',
  );
});

test('100 % is said only when no file is missing, whatever the bytes say', () => {
  expect(tallyFigures(whole).percent).toBe('99.9 %');
  expect(tallyFigures({ ...whole, doneFiles: 1200 }).percent).toBe('100.0 %');
  expect(tallyFigures(emptyTally).percent).toBe('100.0 %');
});

test('failed records are named as their files are, in order; other files by their names', () => {
  expect(failedKeys('wilds', { count: 3, first: ['17', '5'] })).toBe('00005, 00017, ...');
  expect(failedKeys('tfrecords', { count: 1, first: ['ffhq-r02'] })).toBe('ffhq-r02');
});

import { expect, test } from 'vitest';
import type { RunEnd } from '../../src/runs/run-snapshot.ts';
import { endLines } from '../../src/terminal/end-text.ts';
import { runProgress, tally } from './snapshots.ts';

test('the short report has a sentence per kind, and for every reason what to do', () => {
  const images = tally({
    files: 24,
    bytes: 1024,
    doneFiles: 22,
    doneBytes: 1000,
    fetchedFiles: 2,
    fetchedBytes: 100,
    failedFiles: 2,
    failures: { missing: { count: 2, first: ['7', '5'] } },
  });
  const end: RunEnd = {
    status: 'completed',
    result: {
      status: 'complete with failures',
      progress: runProgress({ stage: 'done', kinds: { images } }),
      records: 70_000,
      report: '.ffhq/report.txt',
      foreignFiles: 1,
    },
  };
  expect(endLines(end, '/out')).toEqual([
    'completed with 2 failures: 70,000 records',
    'images    22/24 files there and verified, 1000 B; 2 fetched, 100 B; 2 failed',
    '  2 missing: 00005, 00007',
    '    the source no longer has it: give another source (--source), then start the run again',
    'foreign: 1 file under the folder that no record names (listed in the report)',
    'report: /out/.ffhq/report.txt',
  ]);
});

test('of a selection it says how many of how many records that were', () => {
  const images = tally({
    files: 5,
    bytes: 10,
    doneFiles: 5,
    doneBytes: 10,
    fetchedFiles: 5,
    fetchedBytes: 10,
  });
  const selection = { words: '--pick 5 --seed 1', records: 5, of: 70_000 };
  const end: RunEnd = {
    status: 'completed',
    result: {
      status: 'complete',
      progress: runProgress({ stage: 'done', kinds: { images }, selection }),
      records: 70_000,
      report: '.ffhq/report.txt',
      foreignFiles: 0,
    },
  };
  expect(endLines(end, '/out')[0]).toBe('complete: 5 of 70,000 records');
});

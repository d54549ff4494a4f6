import { expect, test } from 'vitest';
import { chainOf, plannedSources } from '../../../src/activities/sources/index.ts';
import { figuresOf } from '../../../src/domain/planning/figures.ts';
import { requestLines } from '../../../src/domain/planning/plan-text.ts';
import type { SourceRequest } from '../../../src/domain/run/request.ts';
import { MINUTE } from '../../../src/domain/run/time-units.ts';

const missing = (kind: 'images' | 'thumbs' | 'wilds', files: number) => ({
  ...{ kind, files, bytes: files * 1_000, thereFiles: 0, thereBytes: 0 },
});

/** 1,500 images and thumbnails, 1,000 originals of which 40 are copied. */
function figures(source: SourceRequest) {
  return figuresOf({
    kinds: [missing('images', 1_500), missing('thumbs', 1_500), missing('wilds', 1_000)],
    sources: plannedSources(source),
    largeFiles: [],
    shards: { images: 2, thumbs: 2, wilds: 1 },
    copies: { files: 40, bytes: 40_000 },
    freeInodes: undefined,
    rate: { bytesPerSecond: 1_000, isMeasured: false },
  });
}

const mirror = { name: 'http-mirror', baseUrl: 'https://m.example/' };
const drive = { name: 'google-drive' };
const tars = { name: 'huggingface', repo: 'a/b', revision: '5a'.repeat(20), layout: 'tars' };
const allOfThem = 1_500 + 1_500 + 960;

test('what is copied of others is asked of nobody, and takes no time', () => {
  const { requests, copies, time, others } = figures(mirror);
  expect(requests).toEqual({ source: 'http-mirror', requests: allOfThem });
  expect(others).toBeUndefined();
  expect(copies).toEqual({ files: 40, bytes: 40_000 });
  expect(time?.seconds).toBe(3_960);
});

test('of a chain each source is told, the first for all, those behind it at most', () => {
  const made = figures(chainOf([drive, mirror], MINUTE));
  expect(made.requests).toEqual({ source: 'google-drive', requests: allOfThem });
  expect(made.others).toEqual([{ source: 'http-mirror', requests: allOfThem }]);
  expect(requestLines(made)).toEqual([
    'requests: 3,960 to google-drive; at most 3,960 to http-mirror, for what google-drive does not give',
    'of several sources the first is counted for all that it may have, the next for what is left: who has or refuses what ' +
      'nobody knows before',
    'of these files 40 are copied of others with the same bytes: nobody is asked for them',
  ]);
});

test('a kind that a source is known to lack goes to the next: of tars and archives by their names', () => {
  const made = figures(chainOf([tars, { name: 'zip', archive1: '/thumbnails128x128.zip' }, drive], MINUTE));
  // Two for each of two tars.
  expect(made.requests).toEqual({ source: 'huggingface', requests: 4 });
  expect(made.others).toEqual([
    { source: 'zip', requests: 0 },
    { source: 'google-drive', requests: allOfThem, atLeast: 960 },
  ]);
  expect(requestLines(made)[0]).toBe(
    'requests: 4 to huggingface; at most 0 to zip, for what huggingface does not give; ' +
      '960 to google-drive, at most 3,960 with what those before do not give',
  );
});

test('archives on a disk cost no request, those behind URLs one for each file', () => {
  expect(figures({ name: 'tar', archive1: '/a.tar' }).requests.requests).toBe(0);
  expect(figures({ name: 'tar', archive1: 'https://m.example/a.tar' }).requests.requests).toBe(allOfThem);
});

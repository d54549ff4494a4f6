import fc from 'fast-check';
import { expect, test } from 'vitest';
import { code, inline, linked, shown } from '../../../src/domain/quoting/markdown.ts';
import { emptyTally, type RunProgress } from '../../../src/domain/run/progress.ts';
import { childDetails, runDetails } from '../../../src/domain/words/details.ts';
import { requestDetails, requestSummary } from '../../../src/domain/words/request-text.ts';
import { largeFileSummary, shardPlace, waitSummary } from '../../../src/domain/words/summaries.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { quotedMarkdown } from '../../fuzz/laws/quoting.ts';
import { quotedInline } from '../../fuzz/laws/quoting-files.ts';
import { hostileText } from '../../support/hostile-text.ts';
import { expectOnlyOurs } from '../../support/only-our-markdown.ts';

const tally = (reason: string, key: string) => ({
  ...emptyTally,
  files: 3,
  failedFiles: 1,
  failures: { [reason]: { count: 1, first: [key] } },
});

test('a part of the Markdown that strangers wrote is never active, and breaks no line', () =>
  expectLaw(quotedMarkdown));

test('a name in a code span stays as it is, backticks and all', () => {
  expect(code('/home/ann/`x`_y_')).toBe('``/home/ann/`x`_y_``');
  expect(code('`')).toBe('`` ` ``');
  expect(shown('images 01000 (12 of 1,000 files left, 14.9 MiB)')).toBe(
    'images 01000 (12 of 1,000 files left, 14.9 MiB)',
  );
  expect(shown('https://drive.google.com')).toBe('`https://drive.google.com`');
  expect(shown('![x](y)')).toBe('`![x](y)`');
});

test('in a file a name looks like a name, and nothing in it is active', async () => {
  await expectLaw(quotedInline);
  expect(inline("Ann-Marie O'Neil (2)", 80)).toBe("Ann-Marie O'Neil (2)");
  expect(inline('1. *a* <b> [c](d) www.e.org', 80)).toBe('1\\. \\*a\\* \\<b\\> \\[c\\](d) www\\.e\\.org');
  expect(inline('a@b.org', 80)).toBe('a\\@<!-- -->b\\.org');
  expect(linked('a]', 'https://example.org/?a=1&copy=2', 80)).toBe(
    '[a\\]](https://example.org/?a=1&amp;copy=2)',
  );
  expect(linked('a', 'javascript:alert(1)', 80)).toBe('a');
});

test('details and summaries hold nothing active, whatever a signal, a manifest, a folder or a flag says', () => {
  fc.assert(
    fc.property(hostileText, hostileText, hostileText, (a, b, c) => {
      const wait = { what: a, reason: b, until: c };
      const kinds = { wilds: tally(b, a), json: tally(c, b) } as RunProgress['kinds'];
      const progress: RunProgress = {
        ...{ stage: 'fetch', paused: false, at: c, kinds, waits: [wait], children: [] },
      };
      expectOnlyOurs(runDetails(progress));
      const child = {
        kind: 'wilds',
        name: a,
        paused: false,
        at: c,
        tally: tally(a, b),
        waits: [wait],
      } as const;
      expectOnlyOurs(childDetails(child));
      expectOnlyOurs(waitSummary(a, 0));
      expectOnlyOurs(largeFileSummary({ kind: 'tfrecords', key: a, size: 1 }));
      expectOnlyOurs(shardPlace({ kind: 'align', folder: b as never }, a, c));
      const request = {
        ...{ kinds: ['images'] as const, license: { name: 'url', url: c } as const, numAttempts: 1 },
        ...({ source: { name: 'local-dir' }, trust: 'records', fetch: 'missing' } as const),
        ...{ manifest: { name: 'other', location: b, md5: a as never } as const, allowedHosts: [a, c] },
      };
      expectOnlyOurs(requestSummary(request, a));
      expectOnlyOurs(requestDetails(request, b));
    }),
    { numRuns: 1_000 },
  );
});

import type { RunFacts } from '../../../src/domain/page/run-facts.ts';
import { emptyTally, type Tally } from '../../../src/domain/run/progress.ts';
import type { TimelinePoint } from '../../../src/domain/timeline/timeline-point.ts';

/** Would run, close, turn or widen whatever it stands in. */
export const EVIL = `"'\`><script>alert(1)</script><img src=x onerror=alert(1)></style></title></svg>&lt;\u001b[2J\r\n\u202e\u2066]]><!--${'w'.repeat(5_000)}`;

const points: TimelinePoint[] = Array.from({ length: 300 }, (_, at) => ({
  ...{ at: 1_780_000_000_000 + at * 2_000, ms: 2_000 },
  kinds: { thumbs: { files: at, bytes: 1_000 * at, failed: 0 }, wilds: { files: 1, bytes: 5, failed: 1 } },
  faults: at % 7 === 0 ? { 'short-body': 2 } : {},
  waits: at === 20 ? { quota: 1_780_000_000_000 + 200_000 } : {},
  slow: { network: 500, disk: 20 },
}));

/** Of a run of which every text is this one. */
export function factsWith(text: string): RunFacts {
  const tally: Tally = {
    ...emptyTally,
    ...{ files: 70_000, bytes: 7e10, doneFiles: 69_999, doneBytes: 6e10, failedFiles: 1 },
    sources: { [text]: { files: 5, bytes: 5 } },
  };
  const failure = {
    ...{ kind: text, key: text, path: text, outcome: text, reason: text, detail: text, whatToDo: text },
    attempts: 3,
  };
  return {
    ...{ version: text, madeAt: '2026-06-01T00:00:00.000Z', out: text, workflowId: text, status: text },
    finishedAt: text,
    kinds: { thumbs: tally, wilds: tally },
    asked: {
      kinds: [text],
      [text]: text,
      manifest: { name: text, location: text, deep: { a: { b: { c: text } } } },
    },
    selection: { words: text, digest: text },
    ...{ records: 5, manifestMd5: text, versions: [[text, text]] },
    foreign: { count: 2, first: [text, text], closed: [text] },
    timeline: points,
    failures: { count: 3, groups: [{ ...failure, count: 3, retries: 6 }], first: [failure] },
    content: {
      ...{
        records: 5,
        present: 4,
        excluded: 1,
        kinds: [{ kind: 'thumbs', files: 4, sha256: text }],
        accounts: 3,
      },
      licenses: [{ name: text, url: `https://example.org/${text}`, count: 4 }],
      stats: { category: new Map([[text, 4]]), license: new Map([[text, 4]]), country: new Map([[text, 4]]) },
    },
    faces: [{ name: text, base64: 'AAAA', type: 'image/jpeg' }],
    now: { lines: [text], ui: `javascript:${text}` },
  };
}

import { meaningOf } from '../failure/reasons.ts';
import { type Html, html } from '../quoting/html.ts';
import { formatCount, formatDuration } from '../words/format.ts';
import { bars, paragraph, section, table, text } from './parts.ts';
import { timelineChart } from './timeline-chart.ts';
import type { Course } from './timeline-columns.ts';

/** Throughput over time, and what kept it from being more. */
export function courseSection(course: Course | undefined): Html {
  if (course === undefined) return html``;
  return section('Course', timelineChart(course), faults(course), slowness(course));
}

function faults({ faults, waits }: Course): Html {
  if (faults.size === 0) return html``;
  const rows = [...faults]
    .sort(([, one], [, other]) => other - one)
    .map(([reason, times]) => [
      text(formatCount(times)),
      text(reason),
      text(meaningOf(reason)),
      text(waitedFor(waits.get(reason) ?? [])),
    ]);
  const columns = [
    { title: 'Times', form: 'n' },
    { title: 'Fault' },
    { title: 'What was seen', form: 't' },
    { title: 'Waited' },
  ] as const;
  return html`<h3>Faults and retries</h3>${paragraph('Each was met by one attempt at one file, or by all at once; most files came with the next attempt. Those that did not are listed under failures.')}${table(columns, rows)}`;
}

function waitedFor(spans: readonly (readonly [number, number])[]): string {
  const ms = spans.reduce((sum, [from, to]) => sum + to - from, 0);
  return ms === 0 ? '' : formatDuration(ms / 1000);
}

const slowWords = {
  network: 'network',
  source: 'source bears no more at once',
  limit: '--bwlimit, --tpslimit',
  disk: 'disk',
  processor: 'processor',
} as const;

function slowness({ slow }: Course): Html {
  const counts = [...slow].filter(([, ms]) => ms > 0).map(([kind, ms]) => [slowWords[kind], ms] as const);
  if (counts.length === 0) return html``;
  return html`<h3>What files in hand waited for</h3>${bars(counts, { told: (ms) => formatDuration(ms / 1000) })}`;
}

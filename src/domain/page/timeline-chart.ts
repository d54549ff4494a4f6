import type { FileKind } from '../kinds.ts';
import { escaped, type Html, html, joinedHtml } from '../quoting/html.ts';
import type { FaultReason } from '../timeline/timeline-point.ts';
import { formatBytes, formatCount, formatDuration, formatTime } from '../words/format.ts';
import type { ChartColumn, Course } from './timeline-columns.ts';

/** Height of a plot in its own units; how high it is drawn, the style says. */
const HEIGHT = 100;

/** Waits that have a lane of their own. */
const MOST_LANES = 8;

/** Throughput over time by kind, and below it what went wrong and what waited. */
export function timelineChart(course: Course): Html {
  const seconds = (course.to - course.from) / 1000;
  const hasBytes = course.columns.some(({ bytes }) => sumOf(bytes) > 0);
  const hasFaults = course.columns.some(({ faults }) => faults > 0);
  return joinedHtml([
    hasBytes
      ? plot(
          course,
          'Bytes a second',
          ({ bytes }) => bytes,
          (rate) => `${formatBytes(rate)}/s`,
        )
      : html``,
    plot(
      course,
      'Files a second',
      ({ files }) => files,
      (rate) => `${rateText(rate)}/s`,
    ),
    legend(course.kinds),
    hasFaults ? faultPlot(course) : html``,
    times(course),
    lanes(course),
    html`<p class="soft">${escaped(`Over ${formatDuration(seconds)}, by the clocks of the workers. Bytes that came or were read, files that were settled by it; what was there and verified before is in neither.`)}</p>`,
  ]);
}

function plot(
  course: Course,
  title: string,
  valuesOf: (column: ChartColumn) => ReadonlyMap<FileKind, number>,
  told: (rate: number) => string,
): Html {
  const { columns, kinds } = course;
  const width = (course.to - course.from) / 1000 / columns.length;
  const rates = columns.map((column) => kinds.map((kind) => (valuesOf(column).get(kind) ?? 0) / width));
  const sums = rates.map((one) => one.reduce((sum, rate) => sum + rate, 0));
  const peak = Math.max(...sums);
  if (peak === 0) return html``;
  const mean = sums.reduce((sum, rate) => sum + rate, 0) / sums.length;
  const areas = kinds.map((_, at) => {
    const below = rates.map((one) => one.slice(0, at).reduce((sum, rate) => sum + rate, 0) / peak);
    const above = rates.map((one) => one.slice(0, at + 1).reduce((sum, rate) => sum + rate, 0) / peak);
    return area(below, above, at);
  });
  const caption = `at most ${told(peak)}, on average ${told(mean)}`;
  return html`<figure><figcaption><b>${escaped(title)}</b><span class="soft">${escaped(caption)}</span></figcaption><div class="plot">${svg(columns.length, `${title}: ${caption}`, joinedHtml(areas))}<span>${escaped(told(peak))}</span></div></figure>`;
}

/** Steps from 0 to 1, closed; empty where there is none of it. */
function area(below: readonly number[], above: readonly number[], at: number): Html {
  if (above.every((top, x) => top - (below[x] ?? 0) < 0.0005)) return html``;
  const steps = (tops: readonly number[], isBack: boolean): string => {
    const all = tops.map((top, x) => {
      const y = (HEIGHT * (1 - top)).toFixed(1);
      return isBack ? `L${x + 1} ${y}L${x} ${y}` : `L${x} ${y}L${x + 1} ${y}`;
    });
    return (isBack ? all.reverse() : all).join('');
  };
  const path = `M${steps(above, false).slice(1)}${steps(below, true)}Z`;
  return html`<path class="${colourOf(at)}" d="${escaped(path)}"/>`;
}

function faultPlot({ columns, faults }: Course): Html {
  const most = Math.max(...columns.map((column) => column.faults));
  const all = columns.map((column, x) => {
    if (column.faults === 0) return html``;
    const height = Math.max(6, (HEIGHT * column.faults) / most);
    return html`<rect class="f" x="${x}" y="${Math.round(HEIGHT - height)}" width="1" height="${Math.round(height)}"/>`;
  });
  const total = [...faults.values()].reduce((sum, times) => sum + times, 0);
  const caption = `${formatCount(total)} in all`;
  return html`<figure><figcaption><b>Faults</b><span class="soft">${escaped(caption)}</span></figcaption><div class="plot low">${svg(columns.length, `Faults: ${caption}`, joinedHtml(all))}</div></figure>`;
}

function lanes({ from, to, waits }: Course): Html {
  const all = [...waits].filter(([, spans]) => spans.length > 0);
  if (all.length === 0) return html``;
  const items = all.slice(0, MOST_LANES).map(([reason, spans]) => lane(reason, spans, from, to));
  return html`<figure><figcaption><b>Waits</b></figcaption><ul class="lanes">${joinedHtml(items)}</ul></figure>`;
}

/** A week of many short ones is drawn as wide as the screen: those that lie in one of its columns are one. */
const LANE_UNITS = 1_000;

function lane(
  reason: FaultReason,
  spans: readonly (readonly [number, number])[],
  from: number,
  to: number,
): Html {
  const unitOf = (time: number) => Math.round(((time - from) / (to - from)) * LANE_UNITS);
  const drawn = new Map<number, number>();
  for (const [begun, ended] of spans)
    drawn.set(unitOf(begun), Math.max(1, unitOf(ended) - unitOf(begun), drawn.get(unitOf(begun)) ?? 0));
  const rects = [...drawn].map(
    ([x, width]) => html`<rect class="w" x="${x}" y="0" width="${width}" height="${HEIGHT}"/>`,
  );
  const waited = spans.reduce((sum, [begun, ended]) => sum + ended - begun, 0) / 1000;
  const words = `${reason}, ${formatDuration(waited)}`;
  return html`<li>${escaped(words)}${svg(LANE_UNITS, `Waits: ${words}`, joinedHtml(rects))}</li>`;
}

function svg(width: number, label: string, inside: Html): Html {
  return html`<svg role="img" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none"><title>${escaped(label)}</title>${inside}</svg>`;
}

function times({ from, to }: Course): Html {
  const told = [from, (from + to) / 2, to].map((time) => formatTime(new Date(time).toISOString()));
  const [first = '', middle = '', last = ''] = told;
  return html`<div class="times"><span>${escaped(first)}</span><span>${escaped(middle.slice(11))}</span><span>${escaped(last.slice(11))}</span></div>`;
}

function legend(kinds: readonly FileKind[]): Html {
  const items = kinds.map(
    (kind, at) =>
      html`<li><svg viewBox="0 0 1 1" aria-hidden="true"><rect class="${colourOf(at)}" width="1" height="1"/></svg>${escaped(kind)}</li>`,
  );
  return html`<ul class="legend">${joinedHtml(items)}</ul>`;
}

function colourOf(at: number): Html {
  return html`k${at % 8}`;
}

function rateText(rate: number): string {
  return rate >= 10 ? formatCount(rate) : rate.toFixed(rate >= 1 ? 1 : 2);
}

function sumOf(sums: ReadonlyMap<FileKind, number>): number {
  return [...sums.values()].reduce((sum, value) => sum + value, 0);
}

import { quoted } from '../domain/quoting/quoted.ts';
import { stageText, unfinishedKinds, type Wait } from '../domain/run/progress.ts';
import { formatBytes, formatCount, formatDuration, oneLine } from '../domain/words/format.ts';
import { failedKeys, present, tallyFigures } from '../domain/words/tally.ts';
import { refusedSince } from '../domain/words/waits.ts';
import type { FailureView, KindView, ProgressView, RetryView } from './progress-model.ts';
import { givingLine } from './sources-of-run.ts';

/** The live block: a bar per kind, then what a person should know of. Every line fits into `columns`. */
export function blockLines(
  view: ProgressView,
  columns: number,
  nowMs: number,
  startWorker?: string,
): string[] {
  const lines = [
    headLine(view),
    ...view.kinds.map((kind) => kindLine(kind, columns)),
    ...view.giving.map(givingLine),
    ...remarksOf(view, nowMs, startWorker).map(({ text }) => text),
  ];
  return lines.map((line) => cut(quoted(line), columns));
}

/** Whole characters: half of one would be drawn as something else. */
function cut(line: string, columns: number): string {
  if (line.length <= columns) return line;
  const kept = line.slice(0, Math.max(0, columns));
  return /[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept;
}

/** One line for a log: what a bar says, in words. */
export function plainLine(view: ProgressView): string {
  return plainLines(view).join(' | ');
}

/** The same, a line per kind, and for each of several sources. */
export function plainLines(view: ProgressView): string[] {
  return [headLine(view), ...view.kinds.map(plainKind), ...view.giving.map(givingLine)];
}

function plainKind(view: KindView): string {
  const { percent, files, bytes, failed, deferred } = tallyFigures(view);
  const figures = present([files, bytes, failed, deferred, ...speed(view)]);
  return `${view.kind} ${percent} (${figures.join(', ')})`;
}

function speed({ bytesPerSecond, etaSeconds }: KindView): string[] {
  return [
    bytesPerSecond ? `${formatBytes(bytesPerSecond)}/s` : '',
    etaSeconds ? `ETA ${formatDuration(etaSeconds)}` : '',
  ];
}

/** Something beside progress; the key changes only when there is news in it, the text counts down. */
export interface Remark {
  readonly key: string;
  readonly text: string;
}

/** Pause, waits, attempts to come, failures, a run that does not move. */
export function remarksOf(
  view: ProgressView,
  nowMs: number,
  startWorker = '`npm run worker` (or `npm start`)',
): Remark[] {
  const remarks: Remark[] = [];
  const { failingTask, stale } = view;
  if (failingTask !== undefined) {
    remarks.push({
      key: `stuck ${failingTask.workflowId} ${failingTask.cause}`,
      text: failingTaskLine(failingTask),
    });
  }
  if (view.workerPolls === false) {
    remarks.push({
      key: 'no worker',
      text: `no worker polls: start one with ${startWorker}`,
    });
  }
  if (stale !== undefined)
    remarks.push({ key: `stale ${stale}`, text: `last known figures: ${oneLine(stale)}` });
  for (const wait of view.waits) {
    remarks.push({ key: `wait ${wait.what} ${wait.reason} ${wait.until}`, text: waitLine(wait, nowMs) });
  }
  for (const retry of view.retries) {
    remarks.push({ key: `retry ${retry.type} ${retry.failure}`, text: retryLine(retry, nowMs) });
    if (retry.advice !== undefined && !remarks.some(({ text }) => text === retry.advice))
      remarks.push({ key: `advice ${retry.advice}`, text: retry.advice });
  }
  for (const failure of view.failures) {
    remarks.push({
      key: `failed ${failure.kind} ${failure.reason} ${failure.count}`,
      text: failureLine(failure),
    });
  }
  return remarks;
}

function waitLine(wait: Wait, nowMs: number): string {
  const until = wait.until === undefined ? Number.NaN : Date.parse(wait.until);
  const when = Number.isNaN(until)
    ? ''
    : `, until ${wait.until} (${until > nowMs ? `in ${formatDuration((until - nowMs) / 1000)}` : 'now'})`;
  const past = refusedSince(wait);
  const before = past === undefined ? '' : `; ${oneLine(past)}`;
  return `waiting: ${oneLine(wait.what)}: ${oneLine(wait.reason)}${when}${before}`;
}

function retryLine(retry: RetryView, nowMs: number): string {
  const next =
    retry.nextAttemptAt === undefined
      ? ''
      : retry.nextAttemptAt > nowMs
        ? `, next attempt in ${formatDuration((retry.nextAttemptAt - nowMs) / 1000)}`
        : ', next attempt now';
  const many = retry.count > 1 ? `${retry.count} x ${retry.type}` : retry.type;
  return `retrying: ${many}, attempt ${retry.attempt}${next}: ${oneLine(retry.failure)}`;
}

function failureLine(failed: FailureView): string {
  return `failed: ${formatCount(failed.count)} ${failed.kind} ${failed.reason}: ${failedKeys(failed.kind, failed)}`;
}

function failingTaskLine(failing: { workflowId: string; attempt: number; cause: string }): string {
  return `stuck: the Workflow Task of ${failing.workflowId} fails, attempt ${failing.attempt}: ${oneLine(failing.cause)}`;
}

function headLine(view: ProgressView): string {
  const state = view.paused
    ? 'paused'
    : view.stage === undefined
      ? 'waiting for news'
      : stageText(view.stage, unfinishedKinds(view.kinds));
  const slow = view.slowedBy === undefined || view.paused ? '' : `, slowed by: ${view.slowedBy}`;
  const busy = view.busyWith.length > 0 ? ` (${oneLine(view.busyWith.join('; '), 100)})` : '';
  return `${view.workflowId}: ${state}${busy}${slow}`;
}

function kindLine(view: KindView, columns: number): string {
  const { percent, files, bytes, failed, deferred } = tallyFigures(view);
  const inFlight = view.inFlight > 0 ? `${view.inFlight} in flight` : '';
  const figures = [percent.padStart(7), files, bytes, ...speed(view), inFlight, failed, deferred];
  const text = present(figures).join('  ');
  const label = view.kind.padEnd(9);
  const room = columns - label.length - text.length - 4;
  const bar = room >= 6 ? `[${barText(view.share, Math.min(24, room))}] ` : '';
  return `${label} ${bar}${text}`;
}

function barText(share: number, width: number): string {
  const filled = Math.max(0, Math.min(width, Math.floor(share * width)));
  return `${'#'.repeat(filled)}${'.'.repeat(width - filled)}`;
}

import { limitsText } from '../domain/limits/limits.ts';
import { formatDuration, oneLine } from '../domain/words/format.ts';
import { selectionWords } from '../domain/words/selection.ts';
import { present } from '../domain/words/tally.ts';
import type { PendingActivity, RunSnapshot } from '../runs/run-snapshot.ts';
import type { ProgressView } from './progress-model.ts';
import { plainLines, remarksOf } from './progress-text.ts';

/** Pending Activities that are listed one by one. */
const LISTED = 20;

/** What `status` prints of a run. */
export function statusLines(
  snapshot: RunSnapshot,
  view: ProgressView,
  nowMs: number,
  startWorker?: string,
): string[] {
  const { startedAt, status, progress, taskQueue } = snapshot;
  const age = formatDuration((nowMs - startedAt.getTime()) / 1000);
  const pending = [
    ...snapshot.activities.map((activity) => ({ where: '', activity })),
    ...snapshot.children.flatMap(({ workflowId, activities }) =>
      activities.map((activity) => ({
        where: `${workflowId.slice(snapshot.workflowId.length + 1)} `,
        activity,
      })),
    ),
  ];
  return [
    `run ${snapshot.workflowId}: ${view.paused ? 'paused' : status}, started ${startedAt.toISOString()} (${age} ago), Task Queue ${taskQueue}`,
    ...(progress?.selection === undefined ? [] : [`selection: ${selectionWords(progress.selection)}`]),
    // A closed run's figures stand in its short report.
    ...(status === 'running' ? plainLines(view) : []),
    ...(status === 'running' ? flowLines(view, nowMs) : []),
    ...(status !== 'running' || progress === undefined ? [] : [`figures as of ${progress.at}`]),

    ...(status === 'running' ? remarksOf(view, nowMs, startWorker) : []).map(({ text }) => text),
    ...pending
      .slice(0, LISTED)
      .map(({ where, activity }) => `pending: ${where}${activityText(activity, nowMs)}`),
    ...(pending.length > LISTED ? [`pending: ${pending.length - LISTED} more`] : []),
  ];
}

/** What the run may fetch, and what its sources bear. */
function flowLines({ limits, sources }: ProgressView, nowMs: number): string[] {
  const text = limitsText(limits, nowMs);
  return [
    ...(text === '' ? [] : [`limits: ${text}`]),
    ...sources.slice(0, LISTED).map(({ host, inFlight, most, worker }) => {
      const requests = `${inFlight} of at most ${most} requests at once`;
      return `source ${oneLine(host, 80)}: ${requests}, by ${oneLine(worker, 80)}`;
    }),
  ];
}

function activityText(activity: PendingActivity, nowMs: number): string {
  const { type, state, attempt, lastFailure, heartbeat, nextAttemptAt } = activity;
  const wait =
    nextAttemptAt !== undefined && nextAttemptAt > nowMs
      ? ` for ${formatDuration((nextAttemptAt - nowMs) / 1000)}`
      : '';
  return present([
    `${type} ${state}${wait}, attempt ${attempt}`,
    heartbeat === undefined ? '' : `${heartbeat.filesDone}/${heartbeat.files} files`,
    heartbeat === undefined ? '' : heartbeat.current.map((file) => oneLine(file, 60)).join(' '),
    lastFailure === undefined ? '' : `last failure: ${oneLine(lastFailure)}`,
  ]).join(', ');
}

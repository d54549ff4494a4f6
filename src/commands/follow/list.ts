import { exitCodes } from '../../domain/failure/exit-code.ts';
import { table } from '../../domain/words/table.ts';
import { listRuns } from '../../runs/foreign/list-runs.ts';
import { readMemo } from '../../runs/memo.ts';
import { ffhqFailed, ffhqStage } from '../../workflows/contract/search-attributes.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { openSession } from '../context/session.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { wholeNumber } from '../flags/values/option-values.ts';

/** `ffhq list`: the runs that this server knows, newest first. */
export const list: Verb = async (context, values) => {
  const display = displayFor(context, values);
  const limit = wholeNumber('--limit', 1, 10_000)(String(values.limit));
  const session = await openSession(context, readConnectionFlags(values), display, {
    without: 'provide',
    quiet: true,
  });
  try {
    const runs: ListedRun[] = [];
    for await (const run of listRuns(session.connected.client)) {
      const failed = run.typedSearchAttributes.get(ffhqFailed);
      runs.push({
        workflowId: run.workflowId,
        runId: run.runId,
        status: run.status.name.toLowerCase().replaceAll('_', ' '),
        stage: run.typedSearchAttributes.get(ffhqStage) ?? '',
        failed: failed === undefined ? undefined : Number(failed),
        startedAt: run.startTime.toISOString(),
        out: readMemo(run)?.out ?? '',
      });
      if (runs.length >= limit) break;
    }
    display.say({ event: 'runs', runs }, runLines(runs));
    return exitCodes.complete;
  } finally {
    await session.close();
  }
};

/** One row. */
export interface ListedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
  readonly stage: string;
  readonly failed: number | undefined;
  readonly startedAt: string;
  readonly out: string;
}

function runLines(runs: readonly ListedRun[]): string[] {
  if (runs.length === 0) return ['no runs on this server'];
  const rows = [
    ['run', 'status', 'stage', 'failed', 'started', 'folder'],
    ...runs.map(({ workflowId, status, stage, failed, startedAt, out }) => [
      workflowId,
      status,
      stage,
      failed === undefined ? '' : String(failed),
      startedAt.replace(/\.\d+Z$/, 'Z'),
      out,
    ]),
  ];
  return table(rows).map((line) => line.trimEnd());
}

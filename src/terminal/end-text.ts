import type { FailureReason } from '../domain/failure/outcome.ts';
import { adviceFor } from '../domain/failure/outcome.ts';
import type { FileKind } from '../domain/kinds.ts';
import { fileKinds, kinds } from '../domain/kinds.ts';
import type { Tally } from '../domain/run/progress.ts';
import type { RunResult } from '../domain/run/workflow-inputs.ts';
import type { RunEnd } from '../runs/run-snapshot.ts';
import { formatBytes, formatCount, formatFiles, oneLine } from './format.ts';

/** The short report at the end of a run. */
export function endText(end: RunEnd, out: string): string {
  switch (end.status) {
    case 'completed':
      return resultLines(end.result, out).join('\n');
    case 'cancelled':
      return 'cancelled: what is stored stays; give the command again to go on from there';
    case 'terminated':
      return `terminated: ${oneLine(end.message)}; what is stored stays; give the command again to go on from there`;
    case 'timed out':
      return 'timed out: the run took longer than its Workflow Execution Timeout';
    case 'failed':
      return `failed${end.type === undefined ? '' : ` [${end.type}]`}: ${oneLine(end.message, 2000)}`;
    default:
      return end satisfies never;
  }
}

function resultLines(result: RunResult, out: string): string[] {
  const lines: string[] = [];
  let fetched = 0;
  let failed = 0;
  for (const kind of fileKinds) {
    const tally = result.progress.kinds[kind];
    if (tally === undefined) continue;
    fetched += tally.fetchedFiles;
    failed += tally.failedFiles;
    lines.push(kindResult(kind, tally));
    for (const [reason, failures] of Object.entries(tally.failures)) {
      lines.push(...failureLines(reason as FailureReason, failures));
    }
  }
  if (result.foreignFiles > 0) {
    lines.push(
      `foreign: ${formatFiles(result.foreignFiles)} under the folder that no record names (listed in the report)`,
    );
  }
  const head =
    result.status === 'complete'
      ? fetched === 0
        ? 'complete: everything was there already'
        : 'complete'
      : `completed with ${formatCount(failed)} ${failed === 1 ? 'failure' : 'failures'}`;
  return [`${head}: ${formatCount(result.records)} records`, ...lines, `report: ${out}/${result.report}`];
}

function kindResult(kind: FileKind, tally: Omit<Tally, 'bytes' | 'deferredFiles' | 'failures'>): string {
  const { obtained } = kinds[kind];
  const parts = [
    `${formatCount(tally.doneFiles)}/${formatFiles(tally.files)} there and verified${tally.doneBytes > 0 ? `, ${formatBytes(tally.doneBytes)}` : ''}`,
    tally.fetchedFiles > 0
      ? `${formatCount(tally.fetchedFiles)} ${obtained}${tally.fetchedBytes > 0 ? `, ${formatBytes(tally.fetchedBytes)}` : ''}`
      : `nothing ${obtained}`,
    tally.identicalFiles ? `${formatCount(tally.identicalFiles)} identical` : '',
    tally.failedFiles > 0 ? `${formatCount(tally.failedFiles)} failed` : '',
  ].filter((part) => part !== '');
  return `${kind.padEnd(9)} ${parts.join('; ')}`;
}

function failureLines(
  reason: FailureReason,
  { count, first }: { count: number; first: readonly string[] },
): string[] {
  const keys = first.map((key) => oneLine(key, 60)).join(', ');
  return [
    `  ${formatCount(count)} ${reason}: ${keys}${count > first.length ? ', ...' : ''}`,
    `    ${adviceFor(reason)}`,
  ];
}

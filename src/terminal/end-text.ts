import type { PurgeResult } from '../domain/exclusion/purge.ts';
import { adviceFor, type FailureReason } from '../domain/failure/reasons.ts';
import { fileKinds } from '../domain/kinds.ts';
import type { RunResult } from '../domain/run/workflow-inputs.ts';
import { formatBytes, formatCount, formatFiles, oneLine } from '../domain/words/format.ts';
import { failedKeys, sourceLines, tallySentence } from '../domain/words/tally.ts';
import type { RunEnd } from '../runs/run-snapshot.ts';

/** The short report at the end of a run. */
export function endLines(end: RunEnd, out: string): string[] {
  switch (end.status) {
    case 'completed':
      return resultLines(end.result, out);
    case 'purged':
      return [purgedLine(end.result)];
    case 'cancelled':
      return ['cancelled: what is stored stays; give the command again to go on from there'];
    case 'terminated':
      return [
        `terminated: ${oneLine(end.message)}; what is stored stays; give the command again to go on from there`,
      ];
    case 'timed out':
      return ['timed out: the run took longer than its Workflow Execution Timeout'];
    case 'failed':
      return [`failed${end.type === undefined ? '' : ` [${end.type}]`}: ${oneLine(end.message, 2000)}`];
    default:
      return end satisfies never;
  }
}

/** What a purge came to. */
export function purgedLine({ records, files, bytes }: PurgeResult): string {
  if (records === 0) return 'nothing was left to remove';
  return `${formatCount(records)} records are gone: ${formatFiles(files)}, ${formatBytes(bytes)}`;
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
    lines.push(`${kind.padEnd(9)} ${tallySentence(kind, tally)}`);
    for (const [reason, failures] of Object.entries(tally.failures)) {
      lines.push(
        `  ${formatCount(failures.count)} ${reason}: ${failedKeys(kind, failures)}`,
        `    ${adviceFor(reason as FailureReason)}`,
      );
    }
  }
  const given = sourceLines(Object.values(result.progress.kinds));
  if (given.length > 1) lines.push(...given);
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
  const { selection } = result.progress;
  const some = selection?.records === undefined ? '' : `${formatCount(selection.records)} of `;
  const letGo = result.excluded === undefined ? '' : `, ${formatCount(result.excluded)} of them let go`;
  return [
    `${head}: ${some}${formatCount(result.records)} records${letGo}`,
    ...lines,
    `report: ${out}/${result.report}`,
  ];
}

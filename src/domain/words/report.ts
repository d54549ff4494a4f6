/** What a run leaves for people: `.ffhq/report.json` and `report.txt`. */

import { adviceFor, type FileFailure } from '../failure/outcome.ts';
import { type FileKind, fileKinds, kinds } from '../kinds.ts';
import type { Tally } from '../run/progress.ts';
import type { RunRequest } from '../run/request.ts';
import type { RunStatus } from '../run/run.ts';

export interface ReportHead {
  readonly workflowId: string;
  readonly run: string;
  readonly status: RunStatus;
  /** ISO 8601. */
  readonly finishedAt: string;
  readonly out: string;
  readonly request: RunRequest;
  readonly records: number;
  readonly manifestMd5: string;
  readonly kinds: Readonly<Partial<Record<FileKind, Tally>>>;
  readonly foreign?: { readonly count: number; readonly first: readonly string[] };
}

/** A failure as `report.json` lists it. */
export interface ReportedFailure extends FileFailure {
  readonly whatToDo: string;
}

export function reportedFailure(failure: FileFailure): ReportedFailure {
  return { ...failure, whatToDo: adviceFor(failure.reason) };
}

export function kindLine(kind: FileKind, tally: Tally): string {
  const parts = [`${kind}: ${tally.doneFiles} of ${tally.files} files, ${formatBytes(tally.doneBytes)}`];
  if (tally.fetchedFiles > 0) parts.push(`${tally.fetchedFiles} ${kinds[kind].obtained}`);
  if (tally.identicalFiles) parts.push(`${tally.identicalFiles} identical to the published pictures`);
  if (tally.failedFiles > 0) parts.push(`${tally.failedFiles} failed`);
  return parts.join(', ');
}

/** The head of `report.txt`; the failures follow, a line each. */
export function reportHeadLines(head: ReportHead): string[] {
  const lines = [
    `run ${head.workflowId}: ${head.status}`,
    `finished ${head.finishedAt}, in ${head.out}`,
    `manifest ${head.manifestMd5}, ${head.records} records`,
  ];
  for (const kind of fileKinds) {
    const tally = head.kinds[kind];
    if (tally) lines.push(kindLine(kind, tally));
  }
  if (head.foreign && head.foreign.count > 0) {
    lines.push('', `${head.foreign.count} files that no record names (left alone):`, ...head.foreign.first);
  }
  return lines;
}

export function failureLine(failure: ReportedFailure): string {
  const attempts = failure.attempts === 1 ? '1 attempt' : `${failure.attempts} attempts`;
  return `${failure.path}: ${failure.outcome} (${failure.reason}, ${attempts}): ${failure.detail}; ${failure.whatToDo}`;
}

/** Binary units by their proper names: 1 GiB = 1024 MiB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

/** ISO 8601 as people read it: `2026-01-31 22:05:59 UTC`. */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

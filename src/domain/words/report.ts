/** What a run leaves for people: `.ffhq/report.json` and `report.txt`. */

import type { FileFailure } from '../failure/file-failure.ts';
import { outcomes } from '../failure/outcome.ts';
import { adviceFor, isFailureReason } from '../failure/reasons.ts';
import { type FileKind, fileKinds } from '../kinds.ts';
import type { SelectionProgress, Tally } from '../run/progress.ts';
import type { RunRequest } from '../run/request.ts';
import type { RunStatus } from '../run/run.ts';
import { formatCount, formatFiles } from './format.ts';
import { selectionWords } from './selection.ts';
import { sourceLines, tallySentence } from './tally.ts';

export interface ReportHead {
  readonly workflowId: string;
  readonly run: string;
  readonly status: RunStatus;
  /** ISO 8601. */
  readonly finishedAt: string;
  /** Of the programs that made it, by their names. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly out: string;
  readonly request: RunRequest;
  readonly records: number;
  readonly manifestMd5: string;
  /** Where the run was about some records only. */
  readonly selection?: SelectionProgress & { readonly digest: string };
  /** Where the folder lets records go: how many of the manifest's. */
  readonly excluded?: number;
  readonly kinds: Readonly<Partial<Record<FileKind, Tally>>>;
  readonly foreign?: {
    readonly count: number;
    readonly first: readonly string[];
    readonly closed?: readonly string[];
  };
  /** Sketches of pages of no known kind, relative to OUT; absent where there is none. */
  readonly pages?: readonly string[];
}

/** A failure as `report.json` lists it. */
export interface ReportedFailure extends FileFailure {
  readonly whatToDo: string;
}

/** What a report says of why a file is not there: its texts as they stand in the file. */
export interface ToldFailure {
  readonly reason: string;
  readonly detail: string;
  readonly whatToDo: string;
}

export function reportedFailure(failure: FileFailure): ReportedFailure {
  const { reason, outcome } = failure;
  return { ...failure, whatToDo: isFailureReason(reason) ? adviceFor(reason) : outcomes[outcome].advice };
}

/** The head of `report.txt`; the failures follow, a line each. */
export function reportHeadLines(head: ReportHead): string[] {
  const lines = [
    `run ${head.workflowId}: ${head.status}`,
    `finished ${head.finishedAt}, in ${head.out}`,
    `manifest ${head.manifestMd5}, ${formatCount(head.records)} records`,
    ...(head.selection
      ? [`selection: ${selectionWords(head.selection)} (SHA-256 of the ids ${head.selection.digest})`]
      : []),
    ...(head.excluded
      ? [`excluded: ${formatCount(head.excluded)} records, let go by the folder's exclusion list`]
      : []),
  ];
  for (const kind of fileKinds) {
    const tally = head.kinds[kind];
    if (tally) lines.push(`${kind}: ${tallySentence(kind, tally)}`);
  }
  lines.push(...sourceLines(Object.values(head.kinds)));
  if (head.foreign && head.foreign.count > 0) {
    lines.push(
      '',
      `${formatFiles(head.foreign.count)} that no record names (left alone):`,
      ...head.foreign.first,
    );
  }
  const closed = head.foreign?.closed ?? [];
  if (closed.length > 0) lines.push('', 'folders that could not be looked into (left alone):', ...closed);
  const pages = head.pages ?? [];
  if (pages.length > 0) {
    lines.push(
      '',
      'sketches of pages of no known kind, for a bug report (no addresses, no tokens):',
      ...pages,
    );
  }
  return lines;
}

export function failureLine(failure: ReportedFailure): string {
  const attempts = failure.attempts === 1 ? '1 attempt' : `${failure.attempts} attempts`;
  return `${failure.path}: ${failure.outcome} (${failure.reason}, ${attempts}): ${failure.detail}; ${failure.whatToDo}`;
}

import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Markdown } from '../domain/quoting/markdown.ts';
import type { ChildStage } from '../domain/run/progress.ts';
import { ffhqFailed, ffhqStage } from './contract/search-attributes.ts';

/** What the page of this execution says in the Temporal UI. */
export function showDetails(details: Markdown): void {
  setCurrentDetails(details);
}

/**
 * Keeps a child's row in the list of workflows true; each change is an event. The run gave it the attributes at its
 * start; where it did not, the server lacks them, and upserting would fail the Workflow Task.
 */
export function listChild(stage: ChildStage, failedFiles: number): void {
  const listed = workflowInfo().typedSearchAttributes;
  if (listed.get(ffhqStage) === undefined) return;
  const isStageNew = listed.get(ffhqStage) !== stage;
  const isCountNew = Number(listed.get(ffhqFailed) ?? 0) !== failedFiles;
  if (!isStageNew && !isCountNew) return;
  upsertSearchAttributes([
    ...(isStageNew ? [{ key: ffhqStage, value: stage }] : []),
    ...(isCountNew ? [{ key: ffhqFailed, value: failedFiles }] : []),
  ]);
}

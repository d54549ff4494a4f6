import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** The Workflow Id of the run that an execution belongs to. */
export const ffhqRun = defineSearchAttributeKey('FfhqRun', SearchAttributeType.KEYWORD);

/** Kind of the files that a child works on. */
export const ffhqKind = defineSearchAttributeKey('FfhqKind', SearchAttributeType.KEYWORD);

/** What the run or the child is at: manifest, plan, fetch, report ... */
export const ffhqStage = defineSearchAttributeKey('FfhqStage', SearchAttributeType.KEYWORD);

/** How many files have failed so far. */
export const ffhqFailed = defineSearchAttributeKey('FfhqFailed', SearchAttributeType.INT);

/**
 * Markdown for the "User Metadata" tab of the Temporal UI. Its tables come out without borders and its nested lists as
 * running text, so figures go into a fenced block with aligned columns, and lists are flat. The block is at most 58
 * characters wide: the panel shows no more on a screen of 1280 pixels.
 */

import { statePaths } from '../dataset/layout.ts';
import { type FileKind, fileKinds } from '../kinds.ts';
import {
  type ChildProgress,
  type RunProgress,
  stageText,
  type Tally,
  unfinishedKinds,
  type Wait,
} from '../run/progress.ts';
import { formatCount, formatTime } from './format.ts';
import { table } from './table.ts';
import { failedKeys, identicalFiles, tallyFigures } from './tally.ts';

type KindTally = readonly [kind: FileKind, tally: Tally];

/** Current details of a run. */
export function runDetails(progress: RunProgress): string {
  const { kinds, paused, stage, at, waits } = progress;
  const tallies = fileKinds.flatMap((kind): KindTally[] => {
    const tally = kinds[kind];
    return tally ? [[kind, tally]] : [];
  });
  const unfinished = unfinishedKinds(tallies.map(([kind, tally]) => ({ ...tally, kind })));
  return paragraphs(
    [`**${paused ? 'paused' : stageText(stage, unfinished)}**, as of ${formatTime(at)}`],
    figures(tallies),
    identicalTo(tallies),
    failures(tallies),
    waiting(waits),
    stage === 'fetch'
      ? ['Folders in progress report here now and then; their own pages (tab Relationships) know more.']
      : [],
  );
}

/** Current details of a shard or an archive. */
export function childDetails(progress: ChildProgress): string {
  const { kind, name, at, tally, waits } = progress;
  const tallies: KindTally[] = [[kind, tally]];
  const state = stateOf(progress);
  return paragraphs(
    [`**${kind} ${name}**: ${state}, as of ${formatTime(at)}`],
    tally.files === 0 ? [] : figures(tallies),
    identicalTo(tallies),
    failures(tallies),
    waiting(waits),
    state === 'in progress' ? ['What is in flight right now is in the tab Pending Activities.'] : [],
  );
}

function stateOf({ paused, tally, waits }: ChildProgress): string {
  const left = tally.files - tally.doneFiles - tally.failedFiles - tally.deferredFiles;
  if (paused) return 'paused';
  if (tally.files === 0) return 'looking at what is there';
  if (left > 0 && waits.length === 0) return 'in progress';
  if (left > 0) return 'in progress, with waits';
  return tally.deferredFiles > 0 ? 'done but for files that wait' : 'done';
}

function figures(tallies: readonly KindTally[]): string[] {
  const rows = tallies.map(([kind, tally]) => {
    const { percent, count, bytes } = tallyFigures(tally);
    return [kind, percent, count, bytes];
  });
  return ['```', ...table([['', 'done', 'files', 'bytes'], ...rows], 'right'), '```'];
}

function identicalTo(tallies: readonly KindTally[]): string[] {
  return tallies.flatMap(([kind, tally]) =>
    tally.identicalFiles ? [`${kind}: ${identicalFiles(tally)}`] : [],
  );
}

function failures(tallies: readonly KindTally[]): string[] {
  const lines = tallies.flatMap(([kind, { failures }]) =>
    Object.entries(failures)
      .sort(([, a], [, b]) => b.count - a.count)
      .map(
        ([reason, failed]) =>
          `- ${kind}: ${formatCount(failed.count)} **${reason}** (${failedKeys(kind, failed)})`,
      ),
  );
  if (lines.length === 0) return [];
  return [
    '**Failed**',
    '',
    ...lines,
    '',
    `\`${statePaths.reportText}\` will say for each what to do about it.`,
  ];
}

function waiting(waits: readonly Wait[]): string[] {
  if (waits.length === 0) return [];
  const lines = waits.map(({ what, reason, until }) => {
    const when = until === undefined ? '' : `; next try ${formatTime(until)}`;
    return `- ${what}: **${reason}**${when}`;
  });
  return ['**Waiting**', '', ...lines];
}

function paragraphs(...parts: readonly (readonly string[])[]): string {
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}

/**
 * Markdown for the "User Metadata" tab of the Temporal UI. Its tables come out without borders and its nested lists as
 * running text, so figures go into a fenced block with aligned columns, and lists are flat. The block is at most 58
 * characters wide: the panel shows no more on a screen of 1280 pixels.
 */

import { statePaths } from '../dataset/layout.ts';
import { type FileKind, fileKinds } from '../kinds.ts';
import { code, fenced, joined, type Markdown, markdown, shown } from '../quoting/markdown.ts';
import {
  type ChildProgress,
  type RunProgress,
  stageText,
  type Tally,
  unfinishedKinds,
  type Wait,
} from '../run/progress.ts';
import { formatCount, formatTime } from './format.ts';
import { selectionWords } from './selection.ts';
import { table } from './table.ts';
import { failedKeys, identicalFiles, tallyFigures } from './tally.ts';
import { refusedSince } from './waits.ts';

type KindTally = readonly [kind: FileKind, tally: Tally];

/** Current details of a run. */
export function runDetails(progress: RunProgress): Markdown {
  const { kinds, paused, stage, at, waits } = progress;
  const tallies = fileKinds.flatMap((kind): KindTally[] => {
    const tally = kinds[kind];
    return tally ? [[kind, tally]] : [];
  });
  const unfinished = unfinishedKinds(tallies.map(([kind, tally]) => ({ ...tally, kind })));
  return paragraphs(
    [
      markdown`**${shown(paused ? 'paused' : stageText(stage, unfinished))}**, as of ${shown(formatTime(at))}`,
    ],
    selectionText(progress.selection),
    figures(tallies),
    identicalTo(tallies),
    failures(tallies),
    waiting(waits),
    stage === 'fetch'
      ? [
          markdown`Folders in progress report here now and then; their own pages (tab Relationships) know more.`,
        ]
      : [],
  );
}

function selectionText(selection: RunProgress['selection']): Markdown[] {
  return selection === undefined ? [] : [markdown`selection: ${shown(selectionWords(selection))}`];
}

/** Current details of a shard or an archive. */
export function childDetails(progress: ChildProgress): Markdown {
  const { kind, name, at, tally, waits } = progress;
  const tallies: KindTally[] = [[kind, tally]];
  const state = stateOf(progress);
  return paragraphs(
    [markdown`**${shown(`${kind} ${name}`)}**: ${shown(state)}, as of ${shown(formatTime(at))}`],
    tally.files === 0 ? [] : figures(tallies),
    identicalTo(tallies),
    failures(tallies),
    waiting(waits),
    state === 'in progress' ? [markdown`What is in flight right now is in the tab Pending Activities.`] : [],
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

function figures(tallies: readonly KindTally[]): Markdown[] {
  const rows = tallies.map(([kind, tally]) => {
    const { percent, count, bytes } = tallyFigures(tally);
    return [kind, percent, count, bytes];
  });
  return [fenced(table([['', 'done', 'files', 'bytes'], ...rows], 'right'))];
}

function identicalTo(tallies: readonly KindTally[]): Markdown[] {
  return tallies.flatMap(([kind, tally]) =>
    tally.identicalFiles ? [markdown`${shown(kind)}: ${shown(identicalFiles(tally))}`] : [],
  );
}

function failures(tallies: readonly KindTally[]): Markdown[] {
  const lines = tallies.flatMap(([kind, { failures }]) =>
    Object.entries(failures)
      .sort(([, a], [, b]) => b.count - a.count)
      .map(
        ([reason, failed]) =>
          markdown`- ${shown(kind)}: ${shown(formatCount(failed.count))} **${shown(reason)}** (${shown(failedKeys(kind, failed))})`,
      ),
  );
  if (lines.length === 0) return [];
  return [
    markdown`**Failed**`,
    markdown``,
    ...lines,
    markdown``,
    markdown`${code(statePaths.reportText)} will say for each what to do about it.`,
  ];
}

function waiting(waits: readonly Wait[]): Markdown[] {
  if (waits.length === 0) return [];
  const lines = waits.map((wait) => {
    const { what, reason, until } = wait;
    const when = until === undefined ? markdown`` : markdown`; next try ${shown(formatTime(until))}`;
    const past = refusedSince(wait);
    const before = past === undefined ? markdown`` : markdown`; ${shown(past)}`;
    return markdown`- ${shown(what)}: **${shown(reason)}**${when}${before}`;
  });
  return [markdown`**Waiting**`, markdown``, ...lines];
}

function paragraphs(...parts: readonly (readonly Markdown[])[]): Markdown {
  const full = parts.filter((part) => part.length > 0);
  return joined(
    full.map((part) => joined(part, '\n')),
    '\n\n',
  );
}

/**
 * Markdown for the "User Metadata" tab of the Temporal UI. Its tables come out without borders and its nested lists as
 * running text, so figures go into a fenced block with aligned columns, and lists are flat. The block is at most 58
 * characters wide: the panel shows no more on a screen of 1280 pixels.
 */

import { formatImageId, parseImageId } from '../dataset/ids.ts';
import { statePaths } from '../dataset/layout.ts';
import { type FileKind, fileKinds, shardKinds } from '../kinds.ts';
import {
  type ChildProgress,
  type RunProgress,
  stageText,
  type Tally,
  unfinishedKinds,
  type Wait,
} from '../run/progress.ts';
import { formatBytes, formatTime } from './report.ts';

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
  const rows = tallies.map(([kind, tally]) => [
    kind,
    percent(tally),
    `${tally.doneFiles} of ${tally.files}`,
    `${formatBytes(tally.doneBytes)} of ${formatBytes(tally.bytes)}`,
  ]);
  const table = [['', 'done', 'files', 'bytes'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  return ['```', ...lines, '```'];
}

function identicalTo(tallies: readonly KindTally[]): string[] {
  return tallies.flatMap(([kind, { identicalFiles }]) =>
    identicalFiles === undefined ? [] : [`${kind}: ${identicalFiles} identical to the published pictures`],
  );
}

/** Never 100 % while anything is missing. */
function percent({ files, bytes, doneFiles, doneBytes }: Tally): string {
  const [done, all] = bytes > 0 ? [doneBytes, bytes] : [doneFiles, files];
  return `${all === 0 || doneFiles === files ? 100 : Math.min(99, Math.floor((100 * done) / all))} %`;
}

function failures(tallies: readonly KindTally[]): string[] {
  const lines = tallies.flatMap(([kind, { failures }]) =>
    Object.entries(failures)
      .sort(([, a], [, b]) => b.count - a.count)
      .map(([reason, { count, first }]) => {
        const keys = `${keysText(kind, first)}${count > first.length ? ', ...' : ''}`;
        return `- ${kind}: ${count} **${reason}** (${keys})`;
      }),
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

/** Records by their five digits, as files and summaries have them; in ascending order. */
function keysText(kind: FileKind, keys: readonly string[]): string {
  if (!shardKinds.some((shardKind) => shardKind === kind)) return keys.join(', ');
  const named = keys.map((key) => {
    const id = parseImageId(key);
    return id === undefined ? key : formatImageId(id);
  });
  return named.sort().join(', ');
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

/** How far a kind of file is, in words: every display and report is set from these. */

import { formatImageId, parseImageId } from '../dataset/ids.ts';
import { type FileKind, isShardKind, kinds } from '../kinds.ts';
import { sumOfTallies, type Tally } from '../run/progress.ts';
import { formatBytes, formatCount, formatFiles, formatPercent, oneLine } from './format.ts';

type Counts = Pick<Tally, 'files' | 'bytes' | 'doneFiles' | 'doneBytes' | 'failedFiles' | 'deferredFiles'>;

/** Figures of a tally, each for itself; empty where there is nothing to tell. */
export interface TallyFigures {
  /** `50.0 %`; not 100 while a file is missing. */
  readonly percent: string;
  /** `35,000/70,000`, for a column of files. */
  readonly count: string;
  /** `35,000/70,000 files`. */
  readonly files: string;
  /** `44.6 GiB/89.1 GiB`, where sizes are known. */
  readonly bytes: string;
  readonly failed: string;
  readonly deferred: string;
}

export function tallyFigures(tally: Counts): TallyFigures {
  const { files, bytes, doneFiles, doneBytes, failedFiles, deferredFiles } = tally;
  const share = shareDone(tally);
  return {
    percent: formatPercent(doneFiles < files ? Math.min(share, 0.999) : share),
    count: `${formatCount(doneFiles)}/${formatCount(files)}`,
    files: `${formatCount(doneFiles)}/${formatFiles(files)}`,
    bytes: bytes > 0 ? `${formatBytes(doneBytes)}/${formatBytes(bytes)}` : '',
    failed: failedFiles > 0 ? `${formatCount(failedFiles)} failed` : '',
    deferred: deferredFiles > 0 ? `${formatCount(deferredFiles)} deferred` : '',
  };
}

/** What became of a kind in a run that is over, in a sentence: `24/24 files there and verified, 62.7 MiB; 24 fetched, ...`. */
export function tallySentence(kind: FileKind, tally: Tally): string {
  const { files, failed, deferred } = tallyFigures(tally);
  return present([
    withBytes(`${files} there and verified`, tally.doneBytes),
    obtained(kind, tally),
    identicalFiles(tally),
    acceptedFiles(tally),
    sweptPartials(tally),
    failed,
    deferred,
  ]).join('; ');
}

/** `4 identical to the published pictures`; empty where there are none. */
export function identicalFiles({ identicalFiles }: Pick<Tally, 'identicalFiles'>): string {
  return identicalFiles ? `${formatCount(identicalFiles)} identical to the published pictures` : '';
}

/** `3 taken by their pixels, as another encoding`; empty where there are none. */
function acceptedFiles({ acceptedFiles }: Tally): string {
  return acceptedFiles ? `${formatCount(acceptedFiles)} taken by their pixels, as another encoding` : '';
}

/** `6 abandoned partial files removed, 84.0 MiB`; empty where there were none. */
function sweptPartials({ swept }: Tally): string {
  if (swept === undefined) return '';
  const files = swept.files === 1 ? 'file' : 'files';
  return withBytes(`${formatCount(swept.files)} abandoned partial ${files} removed`, swept.bytes);
}

/** Who gave what was fetched, a line each, the most files first: `from local: 20 files, 50.0 MiB`. */
export function sourceLines(tallies: readonly Tally[]): string[] {
  const { sources = {} } = sumOfTallies(tallies);
  const all = Object.entries(sources).sort(([, one], [, other]) => other.files - one.files);
  return all.map(
    ([name, { files, bytes }]) => `from ${oneLine(name, 80)}: ${withBytes(formatFiles(files), bytes)}`,
  );
}

/** The first of the files that failed, in ascending order: records by their five digits, as their files have them. */
export function failedKeys(
  kind: FileKind,
  { count, first }: { readonly count: number; readonly first: readonly string[] },
): string {
  const isOfRecords = isShardKind(kind);
  const names = first.map((key) => {
    const id = isOfRecords ? parseImageId(key) : undefined;
    return id === undefined ? oneLine(key, 60) : formatImageId(id);
  });
  return [...names.sort(), ...(count > first.length ? ['...'] : [])].join(', ');
}

/** What is done of it, from 0 to 1: of the bytes where sizes are known. */
export function shareDone({ files, bytes, doneFiles, doneBytes }: Counts): number {
  if (bytes > 0) return doneBytes / bytes;
  return files > 0 ? doneFiles / files : 1;
}

/** Phrases without the empty ones. */
export function present(phrases: readonly string[]): string[] {
  return phrases.filter((phrase) => phrase !== '');
}

function obtained(kind: FileKind, { fetchedFiles, fetchedBytes }: Tally): string {
  const word = kinds[kind].obtained;
  return fetchedFiles === 0
    ? `nothing ${word}`
    : withBytes(`${formatCount(fetchedFiles)} ${word}`, fetchedBytes);
}

/** `6 files, 3.5 KiB`; without bytes the phrase alone. */
export function withBytes(phrase: string, bytes: number): string {
  return bytes > 0 ? `${phrase}, ${formatBytes(bytes)}` : phrase;
}

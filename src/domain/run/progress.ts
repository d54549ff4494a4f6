import type { FailureReason } from '../failure/reasons.ts';
import { type FileKind, kinds } from '../kinds.ts';
import type { Slowness } from '../limits/slowdown.ts';

/** Counts of one kind of file: in a bundle, a shard or a whole run. Bytes are of the specs, not of the wire. */
export interface Tally {
  /** Wanted in all. */
  readonly files: number;
  readonly bytes: number;
  /** Verified: there before, adopted, or stored now. */
  readonly doneFiles: number;
  readonly doneBytes: number;
  /** Of the done ones: fetched by this run. */
  readonly fetchedFiles: number;
  readonly fetchedBytes: number;
  /** Of the done ones: aligned to the very pixels that the manifest names. */
  readonly identicalFiles?: number;
  /** Of the done ones: another encoding of their picture, taken by its pixels. */
  readonly acceptedFiles?: number;
  /** Partial files that nobody went on with and that went, because their file is there. */
  readonly swept?: Swept;
  /** Of the fetched ones: by whom each was given, the first of them by name. */
  readonly sources?: Readonly<Record<string, GivenFiles>>;
  readonly failedFiles: number;
  readonly deferredFiles: number;
  /** Per reason: how many, and the first keys (at most {@link FIRST_KEYS}). */
  readonly failures: Readonly<
    Partial<Record<FailureReason, { readonly count: number; readonly first: readonly string[] }>>
  >;
}

/** Files that came of one source. */
export interface GivenFiles {
  readonly files: number;
  readonly bytes: number;
}

/** Sources that a tally names; those beyond are counted together. */
const MOST_SOURCES = 24;
const OTHER_SOURCES = 'others';
const MOST_NAME = 80;

export interface Swept {
  readonly files: number;
  readonly bytes: number;
}

export const FIRST_KEYS = 10;

export const emptyTally: Tally = {
  files: 0,
  bytes: 0,
  doneFiles: 0,
  doneBytes: 0,
  fetchedFiles: 0,
  fetchedBytes: 0,
  failedFiles: 0,
  deferredFiles: 0,
  failures: {},
};

export function addTallies(a: Tally, b: Tally): Tally {
  // By name: what objects inherit is no reason.
  const failures = new Map(Object.entries(a.failures));
  for (const [reason, more] of Object.entries(b.failures)) {
    const had = failures.get(reason) ?? { count: 0, first: [] };
    failures.set(reason, {
      count: had.count + more.count,
      first: [...had.first, ...more.first].slice(0, FIRST_KEYS),
    });
  }
  return {
    files: a.files + b.files,
    bytes: a.bytes + b.bytes,
    doneFiles: a.doneFiles + b.doneFiles,
    doneBytes: a.doneBytes + b.doneBytes,
    fetchedFiles: a.fetchedFiles + b.fetchedFiles,
    fetchedBytes: a.fetchedBytes + b.fetchedBytes,
    failedFiles: a.failedFiles + b.failedFiles,
    deferredFiles: a.deferredFiles + b.deferredFiles,
    failures: Object.fromEntries(failures),
    ...addSources(a.sources, b.sources),
    ...identical((a.identicalFiles ?? 0) + (b.identicalFiles ?? 0)),
    ...accepted((a.acceptedFiles ?? 0) + (b.acceptedFiles ?? 0)),
    ...swept(addSwept(a.swept, b.swept)),
  };
}

export function sumOfTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce(addTallies, emptyTally);
}

const nothingSwept: Swept = { files: 0, bytes: 0 };

export function addSwept(a: Swept = nothingSwept, b: Swept = nothingSwept): Swept {
  return { files: a.files + b.files, bytes: a.bytes + b.bytes };
}

function addSources(a: Tally['sources'] = {}, b: Tally['sources'] = {}): Pick<Tally, 'sources'> {
  const sums = new Map<string, GivenFiles>();
  for (const [given, more] of [...Object.entries(a), ...Object.entries(b)]) {
    const short = given.slice(0, MOST_NAME);
    const name = sums.has(short) || sums.size < MOST_SOURCES ? short : OTHER_SOURCES;
    const had = sums.get(name) ?? { files: 0, bytes: 0 };
    sums.set(name, { files: had.files + more.files, bytes: had.bytes + more.bytes });
  }
  return sums.size === 0 ? {} : { sources: Object.fromEntries(sums) };
}

/** Absent where nothing went. */
export function swept(these: Swept | undefined): Pick<Tally, 'swept'> {
  return these === undefined || these.files === 0 ? {} : { swept: these };
}

/** Absent where nothing is aligned. */
export function identical(identicalFiles: number): Pick<Tally, 'identicalFiles'> {
  return identicalFiles === 0 ? {} : { identicalFiles };
}

/** Absent where only the very files are there. */
export function accepted(acceptedFiles: number): Pick<Tally, 'acceptedFiles'> {
  return acceptedFiles === 0 ? {} : { acceptedFiles };
}

export const stages = ['manifest', 'plan', 'fetch', 'report', 'purge', 'done'] as const;
export type Stage = (typeof stages)[number];

const stageWords = {
  manifest: 'reading the manifest',
  plan: 'planning',
  fetch: 'fetching and verifying',
  report: 'writing the report',
  purge: 'removing what is excluded',
  done: 'done',
} as const satisfies Record<Stage, string>;

/** What a shard or a large file is at; `deferred`: its files wait for hours. */
export type ChildStage = 'fetch' | 'align' | 'deferred' | 'done';

/** How people read of a stage; `unfinished` are the kinds of which something is left to do. */
export function stageText(stage: Stage, unfinished: readonly FileKind[]): string {
  const obtained = new Set(unfinished.map((kind) => kinds[kind].obtained));
  if (stage !== 'fetch' || !obtained.has('aligned')) return stageWords[stage];
  return obtained.has('fetched') ? 'fetching, aligning and verifying' : 'aligning and verifying';
}

/** The kinds of which something is left to do. */
export function unfinishedKinds(
  tallies: readonly (Pick<Tally, 'files' | 'doneFiles' | 'failedFiles'> & { readonly kind: FileKind })[],
): FileKind[] {
  return tallies
    .filter(({ files, doneFiles, failedFiles }) => doneFiles + failedFiles < files)
    .map(({ kind }) => kind);
}

/** A wait that a person should know of: quota, block, full disk, pause. */
export interface Wait {
  readonly what: string;
  readonly reason: string;
  /** ISO 8601, when known. */
  readonly until?: string;
  /** When the first refusal in a row came (ISO 8601). */
  readonly since?: string;
  /** Of a quota: how many there were. */
  readonly times?: number;
}

/** Name of the Signal by which a child tells its run what it waits for, signed: the run tells others of it. */
export const CHILD_WAITS = 'childWaits';

/** Answer of the run's `progress` Query. */
export interface RunProgress {
  readonly stage: Stage;
  readonly paused: boolean;
  /** When this was true (ISO 8601). */
  readonly at: string;
  readonly kinds: Readonly<Partial<Record<FileKind, Tally>>>;
  readonly waits: readonly Wait[];
  /** Workflow Ids of the children that are open now. */
  readonly children: readonly string[];
  /** By Workflow Id of an open child: what `kinds` already holds of its tally, so that nobody counts it twice. */
  readonly counted?: Readonly<Record<string, Tally>>;
  /** Of a run that is about some of its manifest's records: which, and how many once that is known. */
  readonly selection?: SelectionProgress;
}

export interface SelectionProgress {
  /** What was asked for, without names of people. */
  readonly words: string;
  readonly records?: number;
  /** Records of the manifest. */
  readonly of?: number;
}

/** Answer of a shard's or an archive's `progress` Query: as of its last finished bundle. */
export interface ChildProgress {
  readonly kind: FileKind;
  readonly name: string;
  readonly paused: boolean;
  readonly at: string;
  readonly tally: Tally;
  readonly waits: readonly Wait[];
}

/**
 * Heartbeat details of a bundle or a range: small, with telling keys, because people read them in the UI. `attempts`
 * is what the next attempt needs; everything else is for show, the disk is the truth.
 */
export interface ActivityProgress {
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
  readonly failed: number;
  /** A few of the files in flight, with percent. */
  readonly current: readonly string[];
  /** Faults of the file itself so far, by key; only files that had any. */
  readonly attempts: Readonly<Record<string, number>>;
  /** What it waits for or is busy with, when that is not plain fetching. */
  readonly note?: string;
  /** What its files waited for in the last seconds. */
  readonly slow?: Slowness;
  /** The hosts that its process asks for the run. */
  readonly sources?: readonly SourceBearing[];
  /** Of several sources those that its process does not ask at present. */
  readonly waiting?: readonly WaitingSource[];
}

/** One of several sources, behind a closed gate or resting. */
export interface WaitingSource {
  readonly source: string;
  readonly reason: string;
  /** When it may be asked again (ms since the epoch), where that is known. */
  readonly until?: number;
}

/** How many requests at once a host bears, as one process found out. */
export interface SourceBearing {
  readonly host: string;
  /** Requests of the process under way there. */
  readonly inFlight: number;
  readonly most: number;
}

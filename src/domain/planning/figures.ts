import { type FileKind, kinds } from '../kinds.ts';
import { RANGE_BYTES } from '../run/plan.ts';
import { type PlannedRequests, type PlannedSource, plannedRequests } from './planned-source.ts';

/** How much of a kind there is, and how much of that is there already. */
export interface PlannedKind {
  readonly kind: FileKind;
  readonly files: number;
  readonly bytes: number;
  readonly thereFiles: number;
  readonly thereBytes: number;
}

/** What a plan asks of others: of the file system, of the source, of somebody's time. */
export interface PlanFigures {
  /** Names to be made: files, their folders, and what is noted of them. */
  readonly inodes: { readonly needed: number; readonly free: number | undefined };
  /**
   * Requests that the source is asked, at least: redirects and what has to be asked again not counted. Of several sources the
   * first, for all that it may have; `others`: those behind it.
   */
  readonly requests: PlannedRequests;
  readonly others?: readonly PlannedRequests[];
  /** Files that are not asked for: they are copied of others with the same bytes. */
  readonly copies?: Copies;
  /** At so many bytes a second, given or measured when the folder was filled before. */
  readonly time?: {
    readonly bytesPerSecond: number;
    readonly isMeasured: boolean;
    readonly seconds: number;
  };
}

/** Files, and their bytes. */
export interface Copies {
  readonly files: number;
  readonly bytes: number;
}

/** What figures are made of. */
export interface Planned {
  readonly kinds: readonly PlannedKind[];
  /** In the order in which they are asked. */
  readonly sources: readonly PlannedSource[];
  /** The large files that are not there. */
  readonly largeFiles: readonly { readonly kind: FileKind; readonly size: number }[];
  /** Thousand-folders with anything left to do, of each kind. */
  readonly shards: Readonly<Partial<Record<FileKind, number>>>;
  /** Originals that are copied of others. */
  readonly copies: Copies;
  readonly freeInodes: number | undefined;
  readonly rate: { readonly bytesPerSecond: number; readonly isMeasured: boolean } | undefined;
}

/** Noted of each thousand-folder: its folder of records with a file in it, and its own folder. */
const INODES_OF_SHARD = 3;

/** The manifest, its slices and the folders above all of that. */
const INODES_OF_RUN = 300;

export function figuresOf({
  kinds: all,
  sources,
  largeFiles,
  shards,
  copies,
  freeInodes,
  rate,
}: Planned): PlanFigures {
  const missing = all.reduce((sum, { files, thereFiles }) => sum + files - thereFiles, 0);
  const fetched = all.filter(({ kind }) => kinds[kind].obtained === 'fetched');
  const bytes = fetched.reduce((sum, one) => sum + one.bytes - one.thereBytes, 0) - copies.bytes;
  const [requests = { source: '', requests: 0 }, ...others] = plannedRequests(
    sources,
    fetched.map(({ kind, files, thereFiles }) => {
      const large = largeFiles.filter((one) => one.kind === kind);
      const comesLarge = kinds[kind].form === 'large-files' || large.length > 0;
      return {
        kind,
        pictures: comesLarge ? 0 : files - thereFiles - (kind === kinds.align.madeOf ? copies.files : 0),
        folders: shards[kind] ?? 0,
        large: large.map(({ size }) => ({ size, pieces: rangesOf(size) })),
      };
    }),
  );
  const folders = Object.values(shards).reduce((sum, count) => sum + count, 0);
  return {
    inodes: {
      needed: missing === 0 ? 0 : missing + folders * INODES_OF_SHARD + INODES_OF_RUN,
      free: freeInodes,
    },
    requests,
    ...(others.length === 0 ? {} : { others }),
    ...(copies.files === 0 ? {} : { copies }),
    ...(rate === undefined || rate.bytesPerSecond <= 0
      ? {}
      : { time: { ...rate, seconds: Math.ceil(bytes / rate.bytesPerSecond) } }),
  };
}

/** Pieces in which a large file comes. */
function rangesOf(size: number): number {
  return Math.max(1, Math.ceil(size / RANGE_BYTES));
}

/** How fast the folder was filled by the run that filled it last; undefined where that tells nothing. */
export class MeasuredRate {
  readonly #runs = new Map<string, { bytes: number; files: number; from: number; to: number }>();

  /** Of a file that was stored: by which run (its first Run Id), and when (ISO 8601). */
  add({ run, at, size }: { readonly run: string; readonly at: string; readonly size: number }): void {
    const time = Date.parse(at);
    if (!Number.isFinite(time)) return;
    const seen = this.#runs.get(run) ?? { bytes: 0, files: 0, from: time, to: time };
    this.#runs.set(run, {
      bytes: seen.bytes + size,
      files: seen.files + 1,
      from: Math.min(seen.from, time),
      to: Math.max(seen.to, time),
    });
  }

  get bytesPerSecond(): number | undefined {
    const latest = [...this.#runs.values()].sort((a, b) => b.to - a.to)[0];
    if (latest === undefined || latest.files < LEAST_FILES) return undefined;
    const seconds = (latest.to - latest.from) / 1000;
    return seconds < LEAST_SECONDS ? undefined : latest.bytes / seconds;
  }
}

/** Fewer, or in less time, say nothing of how the rest will go. */
const LEAST_FILES = 20;
const LEAST_SECONDS = 5;

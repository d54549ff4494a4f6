import type { FileFailure } from '../failure/file-failure.ts';
import type { FileKind } from '../kinds.ts';
import type { Tally } from '../run/progress.ts';
import type { TimelinePoint } from '../timeline/timeline-point.ts';
import type { StatsCounts } from '../words/stats.ts';

/** What a page tells of a run. Its texts may be anybody's: they are shown, and mean nothing. */
export interface RunFacts {
  /** Of this program, which makes the page. */
  readonly version: string;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly out: string;
  readonly workflowId: string;
  /** `complete`, `running`, ... */
  readonly status: string;
  /** ISO 8601; undefined while it goes on. */
  readonly finishedAt?: string | undefined;
  readonly kinds: Readonly<Partial<Record<FileKind, Tally>>>;
  /** What was asked for, by the names of the request's fields. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly selection?: { readonly words: string; readonly digest?: string } | undefined;
  readonly records?: number | undefined;
  readonly manifestMd5?: string | undefined;
  /** Programs that made the run: name and version. */
  readonly versions: readonly (readonly [name: string, version: string])[];
  readonly foreign?: {
    readonly count: number;
    readonly first: readonly string[];
    readonly closed: readonly string[];
  };
  readonly timeline: readonly TimelinePoint[];
  readonly failures: FoundFailures;
  /** What lies in the folder, where its manifest can be read. */
  readonly content?: FolderContent | undefined;
  readonly faces: readonly FacePicture[];
  /** While it goes on. */
  readonly now?: RunNow | undefined;
}

/** Of a run that is looked at as it is. */
export interface RunNow {
  /** Where it stands, in lines. */
  readonly lines: readonly string[];
  /** The run in the Temporal UI. */
  readonly ui: string | undefined;
}

export interface FoundFailures {
  readonly count: number;
  readonly groups: readonly FailureGroup[];
  readonly first: readonly ListedFailure[];
}

/** Failures of one reason. */
export interface FailureGroup extends Pick<ListedFailure, 'kind' | 'outcome' | 'reason' | 'whatToDo'> {
  readonly count: number;
  /** Together, those after the first of each file. */
  readonly retries: number;
}

/** As `report.json` has them; of another version, with reasons and kinds that this one does not know. */
export type ListedFailure = {
  readonly [Field in Exclude<keyof FileFailure, 'attempts'>]: string;
} & { readonly attempts: number; readonly whatToDo: string };

export interface FolderContent {
  readonly records: number;
  /** Left out: the folder's list lets them go. */
  readonly excluded: number;
  /** Of which a file lies there. */
  readonly present: number;
  readonly kinds: readonly KindContent[];
  /** Of the records that are present. */
  readonly stats: StatsCounts;
  /** The same by name and address. */
  readonly licenses: readonly LicenseShare[];
  /** Flickr accounts. */
  readonly accounts: number;
}

/** Files of a kind that lie there, and the SHA-256 of the text that `md5sum` would print of them, by their records. */
export interface KindContent {
  readonly kind: FileKind;
  readonly files: number;
  readonly sha256: string;
}

export interface LicenseShare {
  readonly name: string;
  readonly url: string;
  readonly count: number;
}

export interface FacePicture {
  readonly name: string;
  /** Its bytes in base64. */
  readonly base64: string;
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
}

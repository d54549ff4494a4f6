import type { Seal } from '../../activities/records/seal.ts';
import type { Config } from '../../config.ts';
import type { ZipsRequest } from '../../domain/dataset/asked-files.ts';
import type { LocalPlan } from '../../domain/planning/plan-text.ts';
import type { RunRequest, SourceRequest, StoreRef } from '../../domain/run/request.ts';
import type { SelectionAsk } from '../../domain/selection/ask.ts';
import type { FolderCard } from '../../domain/verify/folder-card.ts';
import type { ProvidedServer } from '../../server/provided-server.ts';
import type { Connected, connectClient } from '../../temporal/connection.ts';
import type { RunningWorker, WorkerOptions } from '../../worker.ts';

/** What the verbs need of the rest of the program; `client.ts` hands the real ones in. */
export interface Services {
  readonly ensureStore: (path: string) => Promise<StoreRef>;
  readonly findStore: (path: string) => Promise<StoreRef | undefined>;
  /** Lays what is asked for into the folder, where workers find it by its digest. */
  readonly keepAsk: (path: string, ask: SelectionAsk) => Promise<void>;
  /** What the folder says of itself, if any run got so far. */
  readonly readFolderCard: (path: string, seal: Seal) => Promise<FolderCard | undefined>;
  /** What runs of other keys, or of versions before, say of it: to be doubted. */
  readonly readForeignCards: (path: string, seal: Seal) => Promise<readonly FolderCard[]>;
  readonly connectClient: typeof connectClient;
  /** The embedded server: the running one, or a new one that lives until `release`. */
  readonly ensureServer: (options: {
    readonly config: Config;
    readonly onProgress: (line: string) => void;
  }) => Promise<ProvidedServer>;
  /** The embedded server if it runs; starts nothing. */
  readonly findServer: (config: Config) => Promise<ProvidedServer | undefined>;
  /** Shows a page in the person's browser; false where there is none. */
  readonly openBrowser: (url: string, env: Readonly<Record<string, string | undefined>>) => boolean;
  readonly startWorker: (options: WorkerOptions) => Promise<RunningWorker>;
  /** Activities of these workflows whose last worker is a dead process of this host start again at once. */
  readonly freeActivities: (connected: Connected, workflowIds: readonly string[]) => Promise<void>;
  /** Makes the sample dataset and serves it on loopback. */
  readonly serveSample: (options: {
    readonly cacheDir: string;
    /** Some files are over their quota at first. */
    readonly quota: boolean;
    /** By which sources the files come. */
    readonly sources: readonly SourceRequest[];
    /** A source that can have the pictures in another encoding has them so. */
    readonly otherEncoding: boolean;
    /** Its folders are served as archives too. */
    readonly zips: boolean;
    readonly onProgress: (line: string) => void;
  }) => Promise<ServedSample>;
  /** The worker's own planner, in this process; undefined when no manifest is at hand. Writes nothing. */
  readonly planLocally: (options: LocalPlanning) => Promise<LocalPlan | undefined>;
}

export interface LocalPlanning {
  readonly out: string;
  readonly request: RunRequest;
  /** What the request's selection stands for. */
  readonly ask?: SelectionAsk | undefined;
  /** Bytes a second to reckon with. @default as measured when the folder was filled before */
  readonly rate?: number | undefined;
  readonly reserveBytes: number;
  readonly seal: Seal;
  readonly signal: AbortSignal;
}

export interface ServedSample {
  readonly origin: string;
  readonly manifestUrl: string;
  readonly manifestMd5: string;
  /** URL of the licence text, where the sample has one. */
  readonly licenseUrl: string | undefined;
  /** URL of a file that is served beside the dataset: an archive of it. */
  readonly urlOf: (name: string) => string;
  /** Its archives, where they are served. */
  readonly zips?: ZipsRequest;
  /** How long a worker lets a file over its quota wait at first; undefined: as its user set it. */
  readonly quotaWaitSeconds: number | undefined;
  /** Another source than the first, where one was asked for, and what its worker has to have. */
  readonly served:
    | {
        readonly sources: readonly SourceRequest[];
        readonly allowedHosts: readonly string[];
        readonly env: Readonly<Record<string, string | undefined>>;
      }
    | undefined;
  readonly close: () => Promise<void>;
}

import type { ZipsRequest } from '../domain/dataset/asked-files.ts';
import type { TaskKind } from '../domain/kinds.ts';
import type { ManifestRequest, SourceRequest } from '../domain/run/request.ts';
import type { ConnectionFlags } from '../temporal/connection-settings.ts';

/** What a probe asks: the source of the flags, Drive beside it, or the manifest's own URL. */
export type Asked = 'source' | 'drive' | 'manifest';

/** What the command line asks the doctor, for every check; the environment comes with the check's process. */
export interface Question {
  /** Absolute path of the dataset folder. */
  readonly out: string;
  /** The program's own folder. */
  readonly project: string;
  /** What a run is to fetch; none: it is not known yet. */
  readonly kinds: readonly TaskKind[];
  /** Only these records, as ranges. */
  readonly ids: string | undefined;
  /** Only these archives. */
  readonly zips?: ZipsRequest | undefined;
  /** Bytes to be left free. */
  readonly reserveBytes: number;
  readonly source: SourceRequest;
  readonly manifest: ManifestRequest;
  /** As `parseAllowedHost` spells them. */
  readonly allowedHosts: readonly string[];
  readonly network: {
    readonly ipv4: boolean;
    /** Absolute path. */
    readonly caFile: string | undefined;
    /** PEM; what could be read of `caFile`. */
    readonly caCertificates: readonly string[];
    /** Absolute path of the list of copies, where one is named. */
    readonly driveIds?: string | undefined;
  };
  readonly connection: ConnectionFlags;
  /** With the version. */
  readonly taskQueue: string;
  /** Commands as this person would type them. */
  readonly spoken: { readonly run: string; readonly worker: string };
}
